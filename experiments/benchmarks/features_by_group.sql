-- The same features in PostgreSQL, one query and one table per group, joined at the end: the way triage's collate works.
CREATE TABLE roll AS
SELECT now.*, starts_on, ends_on, starts_on - 1 AS eve
FROM (SELECT DISTINCT ON (student_id) * FROM enrolment
      ORDER BY student_id, happened_on DESC, known_on DESC, (status = 'ENROLLED') DESC, institution_id DESC, grade DESC) AS now
JOIN (SELECT school_year, min(starts_on) AS starts_on, max(ends_on) AS ends_on
      FROM calendar WHERE institution_id IS NULL GROUP BY school_year) AS year USING (school_year)
WHERE status = 'ENROLLED' AND coalesce(sector, '') <> 'PRIVATE' AND :day BETWEEN starts_on AND ends_on;
CREATE INDEX ON roll (student_id);
ANALYZE roll;

CREATE TABLE born AS
SELECT DISTINCT ON (student_id) student_id, birth_date FROM person WHERE birth_date IS NOT NULL
ORDER BY student_id, happened_on DESC, known_on DESC;

CREATE TABLE years AS
SELECT student_id, count(*) FILTER (WHERE opens) AS begun,
       count(*) FILTER (WHERE opens AND (same_grade OR coalesce(repeating, false))) AS repeated,
       count(*) FILTER (WHERE opens AND (same_grade OR coalesce(repeating, false)) AND visible_on > eve) AS repeated_year,
       max(happened_on) FILTER (WHERE opens) AS opened_on
FROM (SELECT student_id, repeating, happened_on, greatest(happened_on, known_on) AS visible_on,
             coalesce(school_year <> lag(school_year) OVER story, true) AS opens,
             coalesce(grade = lag(grade) OVER story, false) AS same_grade
      FROM enrolment WHERE status = 'ENROLLED'
      WINDOW story AS (PARTITION BY student_id ORDER BY greatest(happened_on, known_on), happened_on, known_on,
                       institution_id, grade)) AS opened
JOIN (SELECT student_id, eve FROM roll) AS eves USING (student_id) GROUP BY student_id;

CREATE TABLE moved AS
SELECT *, status = 'ENROLLED' AND last_status IS NOT NULL AND institution_id <> last_institution AS moves,
       status IN ('WITHDRAWN', 'NOT_SEEN') AND coalesce(last_status = 'ENROLLED', false) AS leaves,
       status = 'ENROLLED' AND coalesce(last_status IN ('WITHDRAWN', 'NOT_SEEN', 'CANCELLED'), false) AS returns
FROM (SELECT student_id, institution_id, status, school_year, happened_on, greatest(happened_on, known_on) AS visible_on,
             lag(institution_id) OVER story AS last_institution, lag(status) OVER story AS last_status,
             lag(school_year) OVER story AS last_year
      FROM enrolment
      WINDOW story AS (PARTITION BY student_id ORDER BY greatest(happened_on, known_on), happened_on, known_on,
                       (status = 'ENROLLED'), institution_id, grade)) AS ordered;

CREATE TABLE moves AS
SELECT student_id, count(*) FILTER (WHERE moves) AS changes, count(*) FILTER (WHERE leaves) AS exits,
       count(*) FILTER (WHERE moves AND moved.school_year = last_year AND visible_on > eve) AS mid_year,
       count(*) FILTER (WHERE returns AND visible_on > eve) AS returns_year,
       max(happened_on) FILTER (WHERE moves) AS moved_on
FROM moved JOIN (SELECT student_id, eve FROM roll) AS eves USING (student_id) GROUP BY student_id;

CREATE TABLE school_exits AS
SELECT institution_id, count(*) AS exits FROM moved
WHERE leaves AND happened_on > :day - 364 GROUP BY institution_id;

CREATE TABLE absence_1 AS
SELECT student_id, sum(days_expected) AS expected_1, sum(days_absent) AS absent_1 FROM attendance
WHERE happened_on > :day - 7 GROUP BY student_id;
CREATE TABLE absence_2 AS
SELECT student_id, sum(days_expected) AS expected_2, sum(days_absent) AS absent_2 FROM attendance
WHERE happened_on > :day - 14 GROUP BY student_id;
CREATE TABLE absence_4 AS
SELECT student_id, sum(days_expected) AS expected_4, sum(days_absent) AS absent_4 FROM attendance
WHERE happened_on > :day - 28 GROUP BY student_id;
CREATE TABLE absence_6 AS
SELECT student_id, sum(CAST(days_expected > 0 AND days_absent >= days_expected AS int)) AS away_6 FROM attendance
WHERE happened_on > :day - 42 GROUP BY student_id;
CREATE TABLE absence_8 AS
SELECT student_id, sum(days_expected) AS expected_8, sum(days_absent) AS absent_8 FROM attendance
WHERE happened_on > :day - 84 AND happened_on <= :day - 28 GROUP BY student_id;
CREATE TABLE absence_year AS
SELECT student_id, sum(days_expected) AS expected_year, sum(days_absent) AS absent_year,
       max(attendance.happened_on) FILTER (WHERE days_expected > 0) AS reported_on,
       max(attendance.happened_on) FILTER (WHERE days_expected > 0 AND days_absent < days_expected) AS present_on
FROM attendance JOIN roll USING (student_id)
WHERE attendance.happened_on >= starts_on AND greatest(attendance.happened_on, attendance.known_on) > eve
GROUP BY student_id;

CREATE TABLE marks_14 AS
SELECT student_id, count(score) AS marks_14, count(*) FILTER (WHERE score < 60) AS failed_14,
       sum(CAST(round(score * 100) AS bigint)) AS points_14, min(score) AS lowest_14
FROM progress WHERE happened_on > :day - 98 GROUP BY student_id;
CREATE TABLE marks_year AS
SELECT student_id, count(score) AS marks_year, sum(CAST(round(score * 100) AS bigint)) AS points_year,
       max(progress.happened_on) FILTER (WHERE score IS NOT NULL) AS last_on
FROM progress JOIN roll USING (student_id) WHERE progress.happened_on >= starts_on GROUP BY student_id;

CREATE TABLE home AS
SELECT DISTINCT ON (student_id) student_id, stratum, sisben_group, household_head, household_size, guardian_education,
       child_labour, commute_minutes, has_internet, moved_home, is_parent
FROM characterisation ORDER BY student_id, happened_on DESC, known_on DESC;

CREATE TABLE help AS
SELECT student_id, count(*) AS strategies, max(CAST(strategy = 'SCHOOL_FEEDING' AS int)) AS feeding,
       max(CAST(strategy = 'SCHOOL_TRANSPORT' AS int)) AS transport,
       max(CAST(strategy = 'PSYCHOSOCIAL_SUPPORT' AS int)) AS psychosocial
FROM support
WHERE greatest(happened_on, known_on, coalesce(starts_on, happened_on)) <= :day AND coalesce(ends_on, 'infinity') >= :day
GROUP BY student_id;

CREATE TABLE school AS
SELECT institution_id, count(*) AS on_roll, sum(absent_4) AS absent, sum(expected_4) AS expected
FROM roll LEFT JOIN absence_4 USING (student_id) GROUP BY institution_id;
CREATE TABLE class AS
SELECT institution_id, grade, sum(absent_4) AS class_absent, sum(expected_4) AS class_expected
FROM roll LEFT JOIN absence_4 USING (student_id) GROUP BY institution_id, grade;

CREATE TABLE gathered AS
SELECT student_id, roll.grade, extract(year FROM age(birth_date)) AS age_years,
       extract(year FROM starts_on) - extract(year FROM birth_date) - roll.grade - 5 AS over_age_years,
       coalesce(repeated_year, 0) > 0 OR coalesce(roll.repeating, false) AS repeating, repeated, begun,
       (opened_on - starts_on) / 7.0 AS late_entry_weeks, (:day - starts_on) / 7.0 AS weeks_into_year, roll.is_new,
       roll.shift, roll.teaching_model, roll.zone = 'RURAL' AS rural, changes, mid_year, (:day - moved_on) / 7.0 AS since_move,
       moves.exits AS earlier_exits, returns_year > 0 AS returned, absent_1 / nullif(expected_1, 0)::float8 AS absence_1,
       absent_2 / nullif(expected_2, 0)::float8 AS absence_2, absent_4 / nullif(expected_4, 0)::float8 AS absence_4,
       absent_4 / nullif(expected_4, 0)::float8 - absent_8 / nullif(expected_8, 0)::float8 AS absence_change,
       absent_year / nullif(expected_year, 0)::float8 AS absence_year, away_6,
       (reported_on - present_on) / 7.0 AS since_present, (:day - reported_on) / 7.0 AS without_report,
       failed_14 / nullif(marks_14, 0)::float8 AS failing, points_year / nullif(marks_year, 0)::float8 / 100 AS mean_score,
       points_14 / nullif(marks_14, 0)::float8 / 100 - points_year / nullif(marks_year, 0)::float8 / 100 AS score_change,
       lowest_14, marks_year, (:day - last_on) / 7.0 AS since_mark, stratum, sisben_group,
       household_head = 'MOTHER' AS mother_heads, household_head = 'BOTH' AS both_parents, household_size,
       guardian_education, child_labour, commute_minutes, has_internet, moved_home, is_parent,
       coalesce(strategies, 0) AS strategies, coalesce(feeding, 0) AS feeding, coalesce(transport, 0) AS transport,
       coalesce(psychosocial, 0) AS psychosocial, coalesce(school_exits.exits, 0) / on_roll::float8 AS exit_rate,
       (absent - coalesce(absent_4, 0)) / nullif(expected - coalesce(expected_4, 0), 0)::float8 AS school_absence,
       absent_4 / nullif(expected_4, 0)::float8
         - (class_absent - coalesce(absent_4, 0)) / nullif(class_expected - coalesce(expected_4, 0), 0)::float8 AS beyond_class
FROM roll LEFT JOIN born USING (student_id) LEFT JOIN years USING (student_id) LEFT JOIN moves USING (student_id)
LEFT JOIN absence_1 USING (student_id) LEFT JOIN absence_2 USING (student_id) LEFT JOIN absence_4 USING (student_id)
LEFT JOIN absence_6 USING (student_id) LEFT JOIN absence_8 USING (student_id) LEFT JOIN absence_year USING (student_id)
LEFT JOIN marks_14 USING (student_id) LEFT JOIN marks_year USING (student_id) LEFT JOIN home USING (student_id)
LEFT JOIN help USING (student_id) LEFT JOIN school USING (institution_id) LEFT JOIN class USING (institution_id, grade)
LEFT JOIN school_exits USING (institution_id);
