"""What the record of who did what says in the words of its reader: each action and each role, in Spanish."""

from __future__ import annotations

from serving.people import ROLE_NAMES
from serving.tenancy import JOB

ACTIONS = {
    # looks
    "see_list": "Consultó la lista",
    "see_student": "Consultó el registro de un estudiante",
    "see_schools": "Consultó las instituciones",
    "see_data": "Consultó los datos por corregir",
    "see_map": "Consultó el mapa",
    "see_cases": "Consultó los casos",
    "see_audit": "Consultó la auditoría",
    "read_roster": "Leyó nombres para cruzar matrículas",
    "contacts_to_records": "Pasó los contactos a los registros",
    # follow-up
    "log_contact": "Registró un contacto",
    "correct_contact": "Corrigió un contacto",
    "feedback": "Opinó sobre una predicción",
    "assign": "Asignó un estudiante",
    "release": "Devolvió estudiantes asignados",
    "save_view": "Guardó una vista",
    "forget_view": "Borró una vista",
    # what leaves the service
    "export": "Descargó un archivo",
    "export_refused": "No pudo descargar: límite por hora",
    "export_corrections": "Descargó los datos por revisar",
    "ask_packs": "Pidió los paquetes",
    "prepare_packs": "Preparó los paquetes",
    "packs_ready": "Terminó los paquetes",
    "fetch_packs": "Descargó los paquetes",
    "deliver": "Envió el aviso semanal",
    # lists, files and figures
    "publish": "Publicó una lista",
    "hold_list": "Detuvo la publicación",
    "release_list": "Reanudó la publicación",
    "rollback_list": "Volvió a la lista anterior",
    "review_intake": "Revisó los avisos de la carga",
    "upload_import": "Cargó un archivo",
    "accept_import": "Aceptó una carga",
    "discard_import": "Descartó una carga",
    "upsert_roster": "Guardó nombres de la matrícula",
    "school_figures": "Calculó las cifras de las instituciones",
    "load_map": "Cargó el mapa",
    # the model
    "promote": "Puso un modelo en uso",
    "rollback": "Volvió al modelo anterior",
    "use_without_promotion": "Puso en uso un modelo sin compararlo",
    "export_model": "Sacó un modelo para otra secretaría",
    "adopt_model": "Recibió un modelo de otra secretaría",
    "approve_model": "Aprobó un modelo recibido",
    # accounts
    "sign_in": "Entró",
    "sign_in_failed": "Alguien no pudo entrar",
    "sign_out": "Salió",
    "end_sessions": "Cerró sesiones",
    "change_password": "Cambió la contraseña",
    "set_factor": "Preparó el segundo paso",
    "bind_provider": "Entró por primera vez con el proveedor de identidad",
    "accept_invitation": "Aceptó una invitación",
    "invite": "Invitó a un usuario",
    "add_person": "Creó un usuario",
    "change_reach": "Cambió el alcance de un usuario",
    "change_role": "Cambió el rol de un usuario",
    "change_email": "Cambió el correo de un usuario",
    "reset": "Restableció un usuario",
    "remove_person": "Cerró un usuario",
    "reopen_person": "Abrió de nuevo un usuario",
    "issue_token": "Pidió una ficha",
    "revoke_tokens": "Retiró fichas",
    # upkeep
    "rotate_key": "Cambió la clave de los nombres",
    "backup": "Hizo una copia de seguridad",
    "restore": "Restauró una copia de seguridad",
}
ROLES = {role.value: said for role, said in ROLE_NAMES.items()} | {JOB: "programa"}


def action_said(code: str) -> str:
    """A code that has no words, from a version to come or long gone, is shown as it was written."""
    return ACTIONS.get(code, code)


def role_said(code: str) -> str:
    return ROLES.get(code, code)
