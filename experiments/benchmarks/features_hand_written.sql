-- Fifty-one features of one day as a person who knows DuckDB would write them: the bar for the catalogue's own engine.
-- $day is the day looked from; the views enrolment, attendance, … hold the rows known by it, year the calendar's row.
WITH
general AS (
  SELECT school_year, min(starts_on) AS starts_on, max(ends_on) AS ends_on
  FROM calendar WHERE institution_id IS NULL GROUP BY school_year
),
events AS (
  SELECT *, greatest(happened_on, known_on) AS visible_on, CAST(status = 'ENROLLED' AS INT) AS turn FROM enrolment
),
latest AS (
  SELECT student_id, max_by(struct_pack(institution_id, school_year, grade, shift, teaching_model, zone, sector, status,
                                        repeating, is_new), (happened_on, known_on, turn, institution_id, grade)) AS now
  FROM events GROUP BY student_id
),
roll AS (
  SELECT student_id, now.*, starts_on, ends_on, starts_on - 1 AS eve
  FROM latest JOIN general ON general.school_year = now.school_year
  WHERE now.status = 'ENROLLED' AND coalesce(now.sector, '') <> 'PRIVATE' AND $day BETWEEN starts_on AND ends_on
),
ordered AS (
  SELECT student_id, institution_id, school_year, grade, status, repeating, happened_on, visible_on,
         lag(institution_id) OVER story AS last_institution, lag(status) OVER story AS last_status,
         lag(school_year) OVER story AS last_year
  FROM events
  WINDOW story AS (PARTITION BY student_id ORDER BY visible_on, happened_on, known_on, turn, institution_id, grade)
),
moved AS (
  SELECT *,
         coalesce(status = 'ENROLLED' AND last_status IS NOT NULL AND institution_id <> last_institution, false) AS moves,
         coalesce(status = 'ENROLLED' AND last_status IS NOT NULL AND institution_id <> last_institution
                  AND school_year = last_year, false) AS moves_mid_year,
         status IN ('WITHDRAWN', 'NOT_SEEN') AND coalesce(last_status = 'ENROLLED', false) AS leaves,
         status = 'ENROLLED' AND coalesce(last_status IN ('WITHDRAWN', 'NOT_SEEN', 'CANCELLED'), false) AS returns
  FROM ordered
),
moves AS (
  SELECT student_id, count(*) FILTER (moves) AS changes, count(*) FILTER (leaves) AS exits,
         count(*) FILTER (moves_mid_year AND visible_on > eve) AS mid_year,
         count(*) FILTER (returns AND visible_on > eve) AS returns_year,
         max(happened_on) FILTER (moves) AS moved_on
  FROM moved LEFT JOIN (SELECT student_id, eve FROM roll) USING (student_id) GROUP BY student_id
),
opened AS (
  SELECT student_id, grade, repeating, happened_on, visible_on,
         coalesce(school_year <> lag(school_year) OVER story, true) AS opens,
         coalesce(grade = lag(grade) OVER story, false) AS same_grade
  FROM events WHERE status = 'ENROLLED'
  WINDOW story AS (PARTITION BY student_id ORDER BY visible_on, happened_on, known_on, turn, institution_id, grade)
),
years AS (
  SELECT student_id, count(*) FILTER (opens) AS begun,
         count(*) FILTER (opens AND (same_grade OR coalesce(repeating, false))) AS repeated,
         count(*) FILTER (opens AND (same_grade OR coalesce(repeating, false)) AND visible_on > eve) AS repeated_year,
         max(happened_on) FILTER (opens) AS opened_on
  FROM opened LEFT JOIN (SELECT student_id, eve FROM roll) USING (student_id) GROUP BY student_id
),
weeks AS (
  SELECT student_id, days_expected AS expected, days_absent AS absent, happened_on,
         days_expected > 0 AS class, days_expected > 0 AND days_absent >= days_expected AS away,
         date_diff('day', happened_on, $day) AS age, greatest(happened_on, known_on) AS visible_on
  FROM attendance WHERE happened_on >= (SELECT min(starts_on) FROM general WHERE $day BETWEEN starts_on AND ends_on)
),
absence AS (
  SELECT student_id,
         sum(expected) FILTER (age < 7) AS expected_1, sum(absent) FILTER (age < 7) AS absent_1,
         sum(expected) FILTER (age < 14) AS expected_2, sum(absent) FILTER (age < 14) AS absent_2,
         sum(expected) FILTER (age < 28) AS expected_4, sum(absent) FILTER (age < 28) AS absent_4,
         sum(expected) FILTER (age >= 28 AND age < 84) AS expected_8,
         sum(absent) FILTER (age >= 28 AND age < 84) AS absent_8,
         sum(expected) FILTER (visible_on > eve) AS expected_year, sum(absent) FILTER (visible_on > eve) AS absent_year,
         sum(CAST(away AS INT)) FILTER (age < 42) AS away_6,
         max(happened_on) FILTER (class) AS reported_on, max(happened_on) FILTER (class AND NOT away) AS present_on
  FROM weeks JOIN (SELECT student_id, eve FROM roll) USING (student_id) GROUP BY student_id
),
marks AS (
  SELECT student_id,
         count(score) FILTER (age < 98) AS marks_14, count(*) FILTER (age < 98 AND score < 60) AS failed_14,
         sum(CAST(round(score * 100) AS BIGINT)) FILTER (age < 98) AS points_14,
         min(score) FILTER (age < 98) AS lowest_14,
         count(score) FILTER (visible_on > eve) AS marks_year,
         sum(CAST(round(score * 100) AS BIGINT)) FILTER (visible_on > eve) AS points_year,
         max(happened_on) FILTER (score IS NOT NULL) AS last_on
  FROM (SELECT student_id, score, happened_on, date_diff('day', happened_on, $day) AS age,
               greatest(happened_on, known_on) AS visible_on
        FROM progress
        WHERE happened_on >= (SELECT min(starts_on) FROM general WHERE $day BETWEEN starts_on AND ends_on))
  JOIN (SELECT student_id, eve FROM roll) USING (student_id) GROUP BY student_id
),
born AS (
  SELECT student_id, max_by(birth_date, (happened_on, known_on)) FILTER (birth_date IS NOT NULL) AS birth_date
  FROM person GROUP BY student_id
),
home AS (
  SELECT student_id,
         max_by(stratum, told) FILTER (stratum IS NOT NULL) AS stratum,
         max_by(sisben_group, told) FILTER (sisben_group IS NOT NULL) AS sisben_group,
         max_by(household_head, told) FILTER (household_head IS NOT NULL) AS household_head,
         max_by(household_size, told) FILTER (household_size IS NOT NULL) AS household_size,
         max_by(guardian_education, told) FILTER (guardian_education IS NOT NULL) AS guardian_education,
         max_by(child_labour, told) FILTER (child_labour IS NOT NULL) AS child_labour,
         max_by(commute_minutes, told) FILTER (commute_minutes IS NOT NULL) AS commute_minutes,
         max_by(has_internet, told) FILTER (has_internet IS NOT NULL) AS has_internet,
         max_by(moved_home, told) FILTER (moved_home IS NOT NULL) AS moved_home,
         max_by(is_parent, told) FILTER (is_parent IS NOT NULL) AS is_parent
  FROM (SELECT *, (happened_on, known_on) AS told FROM characterisation) GROUP BY student_id
),
help AS (
  SELECT student_id, count(*) AS strategies, max(CAST(strategy = 'SCHOOL_FEEDING' AS INT)) AS feeding,
         max(CAST(strategy = 'SCHOOL_TRANSPORT' AS INT)) AS transport,
         max(CAST(strategy = 'PSYCHOSOCIAL_SUPPORT' AS INT)) AS psychosocial
  FROM support
  WHERE greatest(happened_on, known_on, coalesce(starts_on, happened_on)) <= $day
    AND coalesce(ends_on, DATE '9999-12-31') >= $day
  GROUP BY student_id
),
school_exits AS (
  SELECT institution_id, count(*) AS exits FROM moved
  WHERE leaves AND date_diff('day', happened_on, $day) < 364 GROUP BY institution_id
),
child AS (
  SELECT roll.*, absence.* EXCLUDE student_id, marks.* EXCLUDE student_id, home.* EXCLUDE student_id,
         moves.* EXCLUDE student_id, years.* EXCLUDE student_id, help.* EXCLUDE student_id, birth_date,
         year(starts_on) - year(birth_date) - CAST(month(birth_date) > 3 AS INT) AS age_years,
         CASE WHEN grade BETWEEN 0 AND 11 THEN age_years - grade - 5 END AS over_age_years,
         CASE WHEN absent_4 IS NOT NULL THEN expected_4 ELSE 0 END AS own_expected, coalesce(absent_4, 0) AS own_absent,
         CAST(over_age_years IS NOT NULL AS INT) AS aged, coalesce(CAST(over_age_years >= 2 AS INT), 0) AS older
  FROM roll LEFT JOIN absence USING (student_id) LEFT JOIN marks USING (student_id) LEFT JOIN home USING (student_id)
  LEFT JOIN moves USING (student_id) LEFT JOIN years USING (student_id) LEFT JOIN help USING (student_id)
  LEFT JOIN born USING (student_id)
),
placed AS (
  SELECT *, count(*) OVER school AS on_roll,
         sum(own_absent) OVER school - own_absent AS school_absent,
         sum(own_expected) OVER school - own_expected AS school_expected,
         sum(older) OVER school - older AS school_older, sum(aged) OVER school - aged AS school_aged,
         sum(own_absent) OVER class - own_absent AS class_absent,
         sum(own_expected) OVER class - own_expected AS class_expected
  FROM child
  WINDOW school AS (PARTITION BY institution_id), class AS (PARTITION BY institution_id, grade)
)
SELECT
  student_id,
  CASE WHEN grade <> 99 THEN grade END AS grade, age_years, over_age_years,
  CAST(coalesce(repeated_year, 0) > 0 OR coalesce(repeating, false) AS INT) AS repeating,
  coalesce(repeated, 0) AS grades_repeated, coalesce(begun, 0) AS years_on_record,
  CASE WHEN opened_on >= starts_on THEN (opened_on - starts_on) / 7 ELSE 0 END AS late_entry_weeks,
  date_diff('day', starts_on, $day) / 7 AS weeks_into_year, CAST(is_new AS INT) AS is_new, shift, teaching_model,
  CAST(zone = 'RURAL' AS INT) AS rural_campus,
  coalesce(changes, 0) AS school_changes, coalesce(mid_year, 0) AS school_changes_this_year,
  date_diff('day', moved_on, $day) / 7 AS weeks_since_move, coalesce(placed.exits, 0) AS earlier_exits,
  CAST(coalesce(returns_year, 0) > 0 AS INT) AS returned_this_year,
  absent_1 / nullif(expected_1, 0) AS absence_rate_1w, absent_2 / nullif(expected_2, 0) AS absence_rate_2w,
  absent_4 / nullif(expected_4, 0) AS absence_rate_4w,
  absent_4 / nullif(expected_4, 0) - absent_8 / nullif(expected_8, 0) AS absence_change,
  absent_year / nullif(expected_year, 0) AS absence_rate_year, away_6 AS whole_weeks_away,
  (reported_on - present_on) / 7 AS weeks_since_present,
  date_diff('day', reported_on, $day) / 7 AS weeks_without_report,
  failed_14 / nullif(marks_14, 0) AS failing_share, points_year / nullif(100 * marks_year, 0) AS mean_score,
  points_14 / nullif(100 * marks_14, 0) - points_year / nullif(100 * marks_year, 0) AS score_change,
  lowest_14 AS lowest_score, marks_year AS marks_count, date_diff('day', last_on, $day) / 7 AS weeks_since_mark,
  stratum, sisben_group, CAST(household_head = 'MOTHER' AS INT) AS mother_heads_household,
  CAST(household_head = 'BOTH' AS INT) AS both_parents, household_size, guardian_education,
  CAST(child_labour AS INT) AS child_labour, commute_minutes, CAST(has_internet AS INT) AS has_internet,
  CAST(moved_home AS INT) AS moved_home, CAST(is_parent AS INT) AS is_parent,
  coalesce(strategies, 0) AS strategies_received, coalesce(feeding, 0) AS school_feeding,
  coalesce(transport, 0) AS school_transport, coalesce(psychosocial, 0) AS psychosocial_support,
  coalesce(school_exits.exits, 0) / on_roll AS school_exit_rate,
  school_absent / nullif(school_expected, 0) AS school_absence_rate,
  school_older / nullif(school_aged, 0) AS school_over_age_share,
  absent_4 / nullif(expected_4, 0) - class_absent / nullif(class_expected, 0) AS absence_beyond_class
FROM placed LEFT JOIN school_exits USING (institution_id)
