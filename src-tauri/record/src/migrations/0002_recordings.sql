CREATE TABLE recording (
    -- A recording that a sensor had in its own memory and that was fetched from it. It belongs to the sensor: who wore
    -- it then is not known, and nothing of it stands among the bed's own readings.
    id           INTEGER PRIMARY KEY,
    bed          TEXT NOT NULL,           -- where the sensor was when it was fetched
    model        TEXT,                    -- of the sensor, as far as it tells
    device_id    TEXT,
    protocol     TEXT NOT NULL,
    user         INTEGER NOT NULL,        -- which of the sensor's users, and which of their recordings
    segment      INTEGER NOT NULL,
    sensor_start TEXT,                    -- as the sensor's clock has it: 2014-08-18T02:38:18, 22:41; NULL without a clock
    start        INTEGER,                 -- the same in the station's time zone; NULL without a date
    fetched      INTEGER NOT NULL,
    by           TEXT NOT NULL,           -- the name of the token of who fetched it
    seconds      INTEGER NOT NULL,        -- its length; also the number of its values
    missing      INTEGER NOT NULL,        -- of them without SpO2 or without pulse rate
    lost         INTEGER NOT NULL,        -- of those, lost on the way to the station: the sensor has a value
    confirmed    INTEGER NOT NULL CHECK (confirmed IN (0, 1)),  -- 1: every value came the same in two transfers
    hash         BLOB NOT NULL,           -- SHA-256 of samples
    samples      BLOB NOT NULL            -- five bytes a second: SpO2, then pulse rate and perfusion index in hundredths,
                                          -- low byte first; 0 where there is none. recording_second unpacks them
) STRICT;
CREATE INDEX recording_by_bed ON recording (bed, fetched);

CREATE VIEW recording_second AS
    -- The values of each recording, a row a second: NULL where the sensor had none, or none came.
    WITH RECURSIVE
        digit(sign, value) AS (VALUES ('0', 0), ('1', 1), ('2', 2), ('3', 3), ('4', 4), ('5', 5), ('6', 6), ('7', 7),
                               ('8', 8), ('9', 9), ('A', 10), ('B', 11), ('C', 12), ('D', 13), ('E', 14), ('F', 15)),
        byte(sign, value) AS (SELECT high.sign || low.sign, high.value * 16 + low.value
                              FROM digit AS high, digit AS low),
        place(recording, offset_s) AS (
            SELECT id, 0 FROM recording WHERE seconds > 0
            UNION ALL
            SELECT recording, offset_s + 1 FROM place JOIN recording ON id = recording WHERE offset_s + 1 < seconds)
    SELECT recording,
           offset_s,
           nullif((SELECT value FROM byte WHERE sign = hex(substr(samples, offset_s * 5 + 1, 1))), 0) AS spo2,
           nullif((SELECT value FROM byte WHERE sign = hex(substr(samples, offset_s * 5 + 2, 1)))
                  + 256 * (SELECT value FROM byte WHERE sign = hex(substr(samples, offset_s * 5 + 3, 1))), 0)
               AS pulse_rate,
           nullif((SELECT value FROM byte WHERE sign = hex(substr(samples, offset_s * 5 + 4, 1)))
                  + 256 * (SELECT value FROM byte WHERE sign = hex(substr(samples, offset_s * 5 + 5, 1))), 0) / 100.0
               AS perfusion_index
    FROM place JOIN recording ON id = recording;
