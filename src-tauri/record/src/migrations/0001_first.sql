-- The record of one Oxiward station. Times are integers: milliseconds since the Unix epoch, UTC.
-- A value that the sensor did not give is NULL. Comments stand inside the statements so that `.schema` shows them.

CREATE TABLE meta (
    -- One fact about this database a row: epoch, station_id, station_name, seq_ceiling, first_seq, alarm_ceiling.
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
    -- One run of the station a row, from start to stop.
    id         INTEGER PRIMARY KEY,
    version    TEXT NOT NULL,     -- of the program
    started    INTEGER NOT NULL,
    last_alive INTEGER NOT NULL,  -- written each second: after a kill this is when it was last seen
    ended      INTEGER            -- NULL while it runs, and for ever if it did not end cleanly
) STRICT;

CREATE TABLE reading (
    -- The numbers shown for a bed. One row when a number or the status changes, and else one a second.
    seq             INTEGER PRIMARY KEY,  -- shared with alarm_change and event: one count over the whole record
    time            INTEGER NOT NULL,     -- when the newest sample behind it arrived
    bed             TEXT NOT NULL,
    spo2            INTEGER CHECK (spo2 BETWEEN 1 AND 100),         -- %
    pulse_rate      INTEGER CHECK (pulse_rate BETWEEN 1 AND 321),   -- beats per minute
    perfusion_index REAL CHECK (perfusion_index > 0),               -- %
    signal_strength REAL CHECK (signal_strength BETWEEN 0 AND 1),   -- fraction of full scale
    status          TEXT NOT NULL         -- JSON array of words: no_finger, searching, low_perfusion, artifact,
                                          -- weak_signal, low_battery, stale, disconnected
) STRICT;
CREATE INDEX reading_by_bed ON reading (bed, time);

CREATE TABLE alarm_change (
    -- Every start, change and end of every alarm, as it was sent.
    seq             INTEGER PRIMARY KEY,
    time            INTEGER NOT NULL,
    bed             TEXT,                 -- NULL: about the station itself
    id              INTEGER NOT NULL,     -- the instance; written a-ID outside
    condition       TEXT NOT NULL,
    priority        TEXT NOT NULL CHECK (priority IN ('low', 'medium', 'high')),
    state           TEXT NOT NULL CHECK (state IN ('active', 'cleared')),
    since           INTEGER NOT NULL,
    value           INTEGER,
    worst           INTEGER,
    limit_value     INTEGER,
    acknowledged_by TEXT,
    acknowledged_at INTEGER,
    message         TEXT NOT NULL
) STRICT;
CREATE INDEX alarm_change_by_id ON alarm_change (id, seq);
CREATE INDEX alarm_change_by_time ON alarm_change (time);

CREATE TABLE alarm (
    -- Each alarm as it stands now: the newest of its changes.
    id    INTEGER PRIMARY KEY,
    bed   TEXT,
    since INTEGER NOT NULL,
    seq   INTEGER NOT NULL,               -- of its newest row in alarm_change
    state TEXT NOT NULL
) STRICT;
CREATE INDEX alarm_active ON alarm (state) WHERE state = 'active';
CREATE INDEX alarm_by_since ON alarm (since);

CREATE TABLE event (
    -- Anything else worth a line in the log.
    seq    INTEGER PRIMARY KEY,
    time   INTEGER NOT NULL,
    bed    TEXT,
    kind   TEXT NOT NULL,
    by     TEXT,                          -- the name of the token of who did it
    detail TEXT NOT NULL                  -- JSON
) STRICT;
CREATE INDEX event_by_time ON event (time);

CREATE TABLE wave (
    -- Plethysmogram: at most ten seconds without a gap a row.
    id      INTEGER PRIMARY KEY,
    bed     TEXT NOT NULL,
    time    INTEGER NOT NULL,             -- of the first sample
    rate    INTEGER NOT NULL,             -- samples a second
    width   INTEGER NOT NULL CHECK (width IN (1, 2)),  -- bytes a sample, low byte first
    samples BLOB NOT NULL
) STRICT;
CREATE INDEX wave_by_bed ON wave (bed, time);

CREATE TABLE bed (
    -- The monitoring places that staff named or discovery found.
    id       TEXT PRIMARY KEY,
    name     TEXT NOT NULL,
    port     TEXT,                        -- as it was named; NULL: no sensor
    protocol TEXT NOT NULL,               -- 'auto' or a protocol's name
    limits   TEXT NOT NULL                -- JSON: spo2_low, spo2_desat, spo2_high, pulse_low, pulse_high, delay_s, area_delay
) STRICT, WITHOUT ROWID;

CREATE TABLE admission (
    -- Who lay where, from when to when.
    id           INTEGER PRIMARY KEY,
    bed          TEXT NOT NULL,
    patient_id   TEXT NOT NULL,
    patient_name TEXT,
    admitted     INTEGER NOT NULL,
    discharged   INTEGER
) STRICT;
CREATE UNIQUE INDEX admission_current ON admission (bed) WHERE discharged IS NULL;

CREATE TABLE alarm_state (
    -- What a bed's alarm engine must not forget over a restart: running delays, pauses, acknowledgements.
    bed   TEXT PRIMARY KEY,               -- '' is the station itself
    time  INTEGER NOT NULL,
    state TEXT NOT NULL                   -- JSON
) STRICT, WITHOUT ROWID;

CREATE TABLE token (
    -- Who may come in. Only the SHA-256 of a token is kept.
    name    TEXT PRIMARY KEY,
    role    TEXT NOT NULL CHECK (role IN ('viewer', 'nurse', 'admin')),
    hash    BLOB NOT NULL UNIQUE,
    created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE pairing_code (
    -- One-time codes by which a screen gets a token. Only the SHA-256 is kept.
    hash    BLOB PRIMARY KEY,
    role    TEXT NOT NULL CHECK (role IN ('viewer', 'nurse', 'admin')),
    expires INTEGER NOT NULL,
    tries   INTEGER NOT NULL DEFAULT 0    -- wrong codes given while this one was open
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    -- Who did what. Each line carries the SHA-256 over the line before it and itself.
    id       INTEGER PRIMARY KEY,
    time     INTEGER NOT NULL,
    bed      TEXT,
    what     TEXT NOT NULL,
    by       TEXT NOT NULL,
    detail   TEXT NOT NULL,               -- JSON
    previous BLOB NOT NULL,
    hash     BLOB NOT NULL
) STRICT;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'The audit log is only added to.'); END;
CREATE TRIGGER audit_is_not_cut BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'The audit log is only added to.'); END;
