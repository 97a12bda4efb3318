-- Which adapter is which bed's, and what each sensor told of itself: so that a bed follows its sensor, whatever the
-- system calls the port today.

CREATE TABLE found_bed (
    -- Beds that the station made by itself for a sensor on a port that nobody named, and that nobody has named yet.
    bed TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE bed_adapter (
    -- The USB adapter that is a bed's: by its serial number, or where that tells nothing by the socket.
    bed    TEXT PRIMARY KEY,
    port   TEXT NOT NULL,                 -- the name for which it was noted; under another name it does not hold
    usb    TEXT NOT NULL,                 -- vendor and product, such as 0403:6001
    serial TEXT,                          -- NULL: known by its socket
    place  TEXT,                          -- the socket, such as usb 1-1.2; with a serial number where it was last
    CHECK (serial IS NOT NULL OR place IS NOT NULL)
) STRICT, WITHOUT ROWID;

CREATE TABLE device (
    -- What each sensor was when it was last heard, so that it is opened in its own protocol and an exchange is seen.
    key       TEXT PRIMARY KEY,           -- its adapter and serial number, or its adapter and socket, or its port
    protocol  TEXT NOT NULL,
    baud      INTEGER NOT NULL,           -- of the line on which it spoke
    model     TEXT,
    device_id TEXT,
    firmware  TEXT,
    last_seen INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
