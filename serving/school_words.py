"""What the areas and the kinds of help are called on a page: what is none of these may be anybody's words, or name."""

from __future__ import annotations

AREA_NAMES = {
    "ARTISTICA": "Artística",
    "CATEDRA_PAZ": "Cátedra de la paz",
    "CIENCIAS": "Ciencias",
    "CIENCIAS_ECONOMICAS": "Ciencias económicas",
    "CIENCIAS_POLITICAS": "Ciencias políticas",
    "CONVIVENCIA": "Convivencia",
    "DIM_COGNITIVA": "Dimensión cognitiva",
    "DIM_COMUNICATIVA": "Dimensión comunicativa",
    "DIM_CORPORAL": "Dimensión corporal",
    "DIM_ESTETICA": "Dimensión estética",
    "DIM_ETICA": "Dimensión ética",
    "DIM_SOCIOAFECTIVA": "Dimensión socioafectiva",
    "EDUCACION_FISICA": "Educación física",
    "EMPRENDIMIENTO": "Emprendimiento",
    "ESTADISTICA": "Estadística",
    "ETICA": "Ética",
    "FILOSOFIA": "Filosofía",
    "FISICA": "Física",
    "GEOMETRIA": "Geometría",
    "INGLES": "Inglés",
    "LENGUAJE": "Lenguaje",
    "MATEMATICAS": "Matemáticas",
    "QUIMICA": "Química",
    "RELIGION": "Religión",
    "SOCIALES": "Sociales",
    "TECNOLOGIA": "Tecnología",
    "OTHER": "Otra área",
}
NO_AREA = ("PROMEDIO",)
"""Written among the areas, and the mean of them all."""

SUPPORT_NAMES = {
    "SCHOOL_FEEDING": "Alimentación escolar (PAE)",
    "SCHOOL_TRANSPORT": "Transporte escolar",
    "PSYCHOSOCIAL_SUPPORT": "Apoyo psicosocial",
    "FLEXIBLE_MODEL": "Modelo flexible",
    "SCHOOL_KIT": "Útiles o uniforme",
    "CASH_TRANSFER": "Subsidio o transferencia",
    "BOARDING": "Residencia escolar",
    "SINGLE_SHIFT": "Jornada única",
    "COMPLEMENTARY_ACTIVITIES": "Jornada escolar complementaria",
    "LEVELLING": "Nivelación",
    "OTHER": "Otra estrategia",
}
UNTOLD = ("DISABILITY_SUPPORT",)
"""Help that tells of a disability by its name: sensitive by law, and no visit needs it on a page."""
OTHER = "OTHER"
