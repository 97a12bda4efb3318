-- What alarms need beside their lines: the ward's preset, who was shown what, and what the engine was told.

CREATE TABLE setting (
    -- What staff choose for the station itself, such as the sound output. A key that is not there is at its default.
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL                   -- JSON
) STRICT, WITHOUT ROWID;

CREATE TABLE ward_preset (
    -- The limits that beds begin with and go back to at discharge. One row; none: the starting point of the settings file.
    only_row   INTEGER PRIMARY KEY CHECK (only_row = 1),
    limits     TEXT NOT NULL,             -- JSON, as in the bed object
    start_from TEXT,                      -- adult, child or neonate, if it is one of these unchanged
    by         TEXT NOT NULL,
    time       INTEGER NOT NULL
) STRICT;

CREATE TABLE receipt (
    -- What became of an alarm on each screen.
    alarm   INTEGER NOT NULL,             -- the number of its id: 17 for a-17
    client  TEXT NOT NULL,                -- the name of the screen's token
    address TEXT NOT NULL,
    shown   INTEGER,                      -- when it was first shown there; NULL: never said
    sounded INTEGER,                      -- when it was first heard there; NULL: never said
    PRIMARY KEY (alarm, client, address)
) STRICT, WITHOUT ROWID;

CREATE TABLE armed_client (
    -- Screens that sound alarms and are missed when they are gone.
    client  TEXT PRIMARY KEY,             -- the name of the screen's token
    address TEXT NOT NULL,
    since   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE engine_input (
    -- What a bed's alarm engine was told beside its readings, in order, so that a span can be gone through again exactly.
    id          INTEGER PRIMARY KEY,
    bed         TEXT NOT NULL,
    time        INTEGER NOT NULL,
    after       INTEGER NOT NULL,         -- the number of the newest line of the record before it; 0: none
    call        TEXT NOT NULL CHECK (call IN ('began', 'looked', 'limits', 'ended', 'removed', 'clock')),
                                          -- began: an engine was made, anew or from what one had counted up to `until`
                                          -- looked: it was shown how the sensor stands
                                          -- limits: these are in force; ended, removed: the patient or the bed went
                                          -- clock: the computer's clock was set; it would have said `until`
    sensor      TEXT,                     -- looked: sensor.state of the bed object
    last_sample INTEGER,                  -- looked: when the newest sample had come; NULL: none in this stream
    reading     INTEGER,                  -- looked: the number of the reading shown; NULL: no newer than before
    limits      TEXT,                     -- began, limits: JSON, as in the bed object
    rules       TEXT,                     -- began: JSON, the rules of the site
    until       INTEGER                   -- began: NULL: nothing was counted
) STRICT;
CREATE INDEX engine_input_by_bed ON engine_input (bed, time);
