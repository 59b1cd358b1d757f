"""What the model is for and what it may not be used for, in the words that every page and card repeats."""

WHAT_IT_DOES = (
    "Ordena a los estudiantes matriculados según la probabilidad de dejar de estudiar en las semanas siguientes."
)
WHAT_IT_DOES_NOT = [
    "No decide: solo ordena a quién ofrecer apoyo primero.",
    "No usa sexo, origen, etnia, discapacidad ni condición de víctima.",
    "No conoce lo que la familia o la institución no han registrado.",
    "No sirve para sanciones, cupos ni evaluación de docentes o instituciones.",
]
USES_SENSITIVE = "Usa datos sensibles: sirve solo para comparar, nunca para una lista."
LIMITS = [
    "Un estudiante con 20 de 100 no se irá en cuatro de cada cinco casos: es una razón para llamar, no un pronóstico.",
    "Las razones dicen qué se tuvo en cuenta; no dicen qué lo explica ni qué pasaría si cambiara.",
    "Lo que se anuncia es lo que el registro mostrará: una salida que nadie registra no se aprende ni se cuenta.",
    "Una visita cambia lo que pasa; quien fue visitado y se quedó parece un error del modelo.",
    "Los grupos que el registro no distingue no se pueden auditar.",
]


def what_it_does_not(uses_sensitive: bool = False) -> list[str]:
    """A model that reads sensitive traits may not say that it does not."""
    told = {WHAT_IT_DOES_NOT[1]: USES_SENSITIVE} if uses_sensitive else {}
    return [told.get(line, line) for line in WHAT_IT_DOES_NOT]
