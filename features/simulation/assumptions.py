"""Everything the made-up secretariat assumes because no source says it, each with a name, a value and a reason."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any


def assume(value: Any, meaning: str) -> Any:
    """A field whose meaning goes to the documentation page."""
    return field(default=value, metadata={"meaning": meaning})


@dataclass(frozen=True)
class Assumptions:
    """The dials of the simulation; figures that do have a source are in ``figures.py``."""

    # the size and the shape of the secretariat
    students_per_institution: int = assume(1740, "160,000 students in 92 institutions (Cali, S000)")
    district_size: int = assume(
        40_000, "students simulated together; transfers inside the secretariat stay inside a district"
    )
    rehearsed: int = assume(30_000, "students in the rehearsal that solves the intercepts")
    rural_institutions: float = assume(0.08, "share of rural institutions")
    private_share: float = assume(0.04, "private students per official student, seen only in Anexo 5A")
    school_effect: float = assume(0.40, "standard deviation between institutions of the log-hazard of leaving")
    adult_shift: float = assume(0.03, "share of students of grade 6 and above in the night or weekend shift")

    # households
    mother_head: float = assume(0.42, "children whose mother alone heads the household")
    father_head: float = assume(0.04, "children whose father alone heads the household")
    other_head: float = assume(0.11, "children who live with neither parent as head")
    child_labour: float = assume(0.10, "children of 12 and over who work (7.3 % of those of 5 to 17 in 2017)")
    displaced: float = assume(0.06, "children of displaced households")
    parenthood: float = assume(0.012, "students of 14 and over who are a mother or a father")
    moves_home: float = assume(0.06, "children who change home in a school year")
    internet: float = assume(0.62, "homes with internet, before the stratum is taken into account")
    disability: float = assume(0.027, "children with a reported disability (2 to 5 % in the sources)")
    ethnic: float = assume(0.09, "children with a reported ethnic group; Cali is far above Soacha's 1.1 %")
    victim: float = assume(0.07, "children in the register of victims")
    characterised: float = assume(0.80, "students whose form is filled in at all")
    form_refreshed: float = assume(0.60, "changed households whose form is filled in again")

    # comings and goings
    transfer_inside: float = assume(0.020, "students who change institution inside the secretariat, a year")
    transfer_out: float = assume(0.022, "students who move to another municipality or country, a year")
    transfer_private: float = assume(0.003, "students who move to a private school, a year")
    move_multiplies_transfer: float = assume(6.0, "how much a recent change of home multiplies transfers")
    newcomers_in_year: float = assume(0.018, "students who arrive after the first week, a year")
    newcomers_at_start: float = assume(0.02, "students of each grade from 1 to 10 who are new at the start of a year")
    venezuelan_newcomers: float = assume(1.4, "how much likelier a newcomer is Venezuelan than the rest of the grade")
    not_back_next_year: float = assume(0.022, "promoted students who do not come back after the holidays")
    failed_not_back: float = assume(0.10, "failed students who do not come back after the holidays")
    over_age_not_back: float = assume(
        0.20, "students from grade 7 on, two years over age, who do not come back either; twice that for three years"
    )
    returns_same_year: float = assume(0.06, "leavers who are back 4 to 12 weeks later")
    returns_next_year: float = assume(0.25, "leavers who enrol again the year after")
    changes_school_between_years: float = assume(0.04, "students who enrol in another institution after the holidays")
    deaths: float = assume(0.00025, "students who die in a year")

    # disengagement and absence
    absence_level: float = assume(0.045, "share of days missed by the typical student")
    absence_spread: float = assume(0.75, "standard deviation between students of the log-odds of missing a day")
    disengagement_memory: float = assume(0.93, "share of disengagement that is left a week later")
    disengagement_noise: float = assume(0.22, "weekly standard deviation of disengagement")
    disengagement_onset: float = assume(0.004, "weekly chance that a student starts to drift away")
    disengagement_jump: float = assume(2.6, "mean size of that drift, in log-odds of missing a day")
    absence_ceiling: float = assume(0.65, "the most a student who still comes is away, as a chance a day")
    away_starts: float = assume(
        0.0011, "weekly chance of a spell away (illness, a trip) from which the student returns"
    )
    away_continues: float = assume(0.42, "chance that a spell away lasts another week")
    absence_weight: float = assume(5.0, "log-hazard for being absent on every one of the recent days")
    growth_weight: float = assume(2.4, "log-hazard for absences that grew from none to all")
    recency: float = assume(0.50, "weight of the latest week in recent absence")
    slow_recency: float = assume(0.12, "weight of the latest week in usual absence")

    # leaving
    unobserved_variance: float = assume(
        0.50, "variance of the unobserved multiplier of a student's hazard (gamma, mean one)"
    )
    over_age_one: float = assume(0.20, "log-hazard for one year above the grade's age")
    over_age_two: float = assume(0.80, "log-hazard for two years above")
    over_age_three: float = assume(1.35, "log-hazard for three years above or more")
    failing: float = assume(1.50, "log-hazard for failing every area in the latest period")
    failing_and_over_age: float = assume(0.55, "added when a student is failing half the areas and two years over age")
    repeating: float = assume(0.25, "log-hazard for repeating the grade")
    new_here: float = assume(0.35, "log-hazard for being new in the institution")
    moved_home: float = assume(1.30, "log-hazard in the week of a change of home; halves every six weeks")
    poorest: float = assume(0.35, "log-hazard of strata 0 and 1 against stratum 2")
    better_off: float = assume(0.40, "log-hazard taken away by each stratum above 2")
    mother_alone: float = assume(0.25, "log-hazard for a mother alone as head of the household")
    neither_parent: float = assume(0.60, "log-hazard for living with neither parent")
    guardian_education: float = assume(0.25, "log-hazard taken away by each step of the guardian's education")
    works: float = assume(1.10, "log-hazard for child labour")
    works_and_fails: float = assume(0.50, "added when a student works and fails")
    displacement: float = assume(0.60, "log-hazard for displaced households")
    long_commute: float = assume(0.45, "log-hazard for a commute above 45 minutes")
    transport: float = assume(-0.30, "log-hazard for school transport when the commute is long")
    feeding: float = assume(-0.20, "log-hazard for school feeding")
    parent: float = assume(1.40, "log-hazard for being a mother or a father")
    migrant: float = assume(0.25, "log-hazard for coming from another country")
    night: float = assume(0.50, "log-hazard for the night or weekend shift")
    first_weeks: float = assume(0.45, "log-hazard in the first six weeks of the year")
    after_recess: float = assume(0.50, "log-hazard in the week after each recess")
    shock_weeks: int = assume(2, "weeks of shock (fights over a border, floods, strikes) a year and comuna, on average")
    shock: float = assume(0.70, "log-hazard in a week of shock")
    shock_absence: float = assume(0.90, "log-odds of missing a day in a week of shock")

    leaves_on_monday: float = assume(0.60, "leavers whose last day was the Friday before; the rest leave in the week")

    # what the register makes of it
    lag: tuple[float, ...] = assume(
        (0.60, 0.19, 0.10, 0.02, 0.015, 0.015, 0.015, 0.01, 0.01, 0.01, 0.005),
        "chance that a leaver is registered 0, 1, 2 … weeks after leaving; the rest stays enrolled until the year ends",
    )
    says_dropout: float = assume(0.04, "leavers whose MOTIVO says DESERCION")
    vanishes: float = assume(0.15, "leavers whose row is taken out of the Detallado instead of marked as withdrawn")
    end_date_filled: float = assume(0.01, "withdrawn rows with FECHAFIN")
    ghosts: float = assume(0.003, "enrolled children who never come, all year")
    duplicates: float = assume(0.004, "children who are enrolled a second time under another PER_ID")
    duplicates_found: float = assume(0.40, "second rows and ghosts that an audit withdraws in the year")
    misspelt: float = assume(0.015, "names written in another way in a year")
    swapped: float = assume(0.003, "surnames written the wrong way round in a year")
    mistyped: float = assume(0.0, "names with a letter left out, doubled, changed or out of its place in a year")
    crossed: float = assume(0.0, "names written in the columns of the surnames, and the reverse, in a year")
    birth_mistyped: float = assume(0.0, "birth dates with day and month turned round, or another digit, in a year")
    children_per_home: float = assume(
        1.7, "children of one home who are at school together; 0 makes every child an only one"
    )
    half_siblings: float = assume(0.15, "children who share only the mother's surname with the rest of the home")
    twins: float = assume(0.0, "children who have a twin")
    homonyms: float = assume(0.0, "children who bear the whole name of another child")
    renumbered: float = assume(0.0, "children who begin a year under a new PER_ID and a new document")
    moves_renumbered: float = assume(
        0.0,
        "moves inside the secretariat and to private schools that the old school takes for leaving: the child "
        "appears elsewhere under a new PER_ID and a new document",
    )
    private_without_per_id: float = assume(0.0, "children of private schools whose PER_ID the Anexo 5A leaves empty")
    document_late: float = assume(0.30, "children whose document type is still the one of their former age")
    undocumented: float = assume(0.45, "Venezuelan children enrolled with a number of the secretariat (NES)")
    regularised: float = assume(0.25, "of those, the share that gets a permit in a year")
    sisben_missing: float = assume(0.28, "rows without SISBEN IV")
    damaged_codes: float = assume(0.0002, "rows whose DANE code a spreadsheet turned into 1.76001E+11, in each file")
    stray_spaces: float = assume(0.01, "rows with a space before or after the surname")
    attendance_gap: float = assume(0.15, "institutions that stop sending attendance for 3 to 12 weeks")
    attendance_never: float = assume(0.03, "institutions that send no attendance in a year")
    attendance_lost: float = assume(0.01, "weekly rows that a school forgets")
    school_feeding: float = assume(0.85, "students in the feeding register; Cali reports 100 % of enrolment as reached")
    school_transport: float = assume(0.14, "students with transport (22,065 of 157,961 in Cali)")
    psychosocial: float = assume(0.02, "students in psychosocial support")

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


ASSUMPTIONS = Assumptions()

HARD_TO_LINK = replace(
    ASSUMPTIONS,
    misspelt=0.02,
    mistyped=0.03,
    swapped=0.01,
    crossed=0.005,
    birth_mistyped=0.005,
    twins=0.02,
    homonyms=0.01,
    renumbered=0.03,
    moves_renumbered=0.5,
    private_without_per_id=0.5,
)
"""The same city where PER_ID is not enough to know a child again."""
