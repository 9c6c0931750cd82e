CREATE TABLE chats (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant TEXT NOT NULL,
    chat_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    turn_count INTEGER NOT NULL,
    history_bytes INTEGER NOT NULL,
    total_usage BLOB,
    create_time INTEGER NOT NULL,
    update_time INTEGER NOT NULL,
    create_request_id TEXT NOT NULL,
    create_request_hash BLOB NOT NULL
, open_sequence INTEGER, incarnation TEXT NOT NULL DEFAULT '', base_sequence INTEGER, expire_time INTEGER) STRICT;
CREATE TABLE sqlite_sequence(name,seq);
CREATE UNIQUE INDEX chats_by_key ON chats (tenant, chat_id);
CREATE INDEX chats_by_update ON chats (tenant, update_time DESC, chat_id);
CREATE TABLE settings (
    chat INTEGER PRIMARY KEY,
    settings BLOB NOT NULL,
    config BLOB
) STRICT;
CREATE TABLE labels (
    tenant TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    chat INTEGER NOT NULL,
    PRIMARY KEY (tenant, key, value, chat)
) STRICT, WITHOUT ROWID;
CREATE TABLE turns (
    id INTEGER PRIMARY KEY,
    chat INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    turn_id TEXT,
    request_id TEXT,
    request_hash BLOB NOT NULL,
    state INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    used_attempts INTEGER NOT NULL,
    owner TEXT,
    revision INTEGER NOT NULL,
    curated INTEGER NOT NULL,
    create_time INTEGER NOT NULL,
    start_time INTEGER,
    end_time INTEGER
, stop INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE UNIQUE INDEX turns_by_sequence ON turns (chat, sequence);
CREATE INDEX turns_pending ON turns (chat, sequence, state, owner, create_time) WHERE state <= 2;
CREATE TABLE inputs (turn INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
CREATE TABLE outcomes (turn INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
CREATE TABLE tenants (tenant TEXT PRIMARY KEY, chats INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE owners (owner TEXT PRIMARY KEY, expires INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE progress (turn INTEGER NOT NULL, place INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (turn, place)) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX turns_by_turn_id ON turns (turn_id, chat) WHERE turn_id IS NOT NULL;
CREATE UNIQUE INDEX turns_by_request_id ON turns (request_id, chat) WHERE request_id IS NOT NULL;
CREATE TABLE tenant_usage (
    day INTEGER NOT NULL,
    tenant TEXT NOT NULL,
    owner TEXT NOT NULL,
    tokens INTEGER NOT NULL,
    PRIMARY KEY (day, tenant, owner)
) STRICT, WITHOUT ROWID;
CREATE INDEX turns_stopped ON turns (owner, turn_id, stop) WHERE stop > 0 AND state <= 2;
CREATE TABLE deletions (
    tenant TEXT NOT NULL, chat_id TEXT NOT NULL, request_id TEXT NOT NULL, time INTEGER NOT NULL, PRIMARY KEY (tenant, chat_id, request_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX deletions_by_time ON deletions (time);
CREATE INDEX chats_by_expiry ON chats (expire_time) WHERE expire_time IS NOT NULL;
CREATE TABLE trees (chat INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
CREATE TABLE ranges (
    chat INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, log INTEGER NOT NULL, PRIMARY KEY (chat, first)
) STRICT, WITHOUT ROWID;
CREATE INDEX ranges_by_log ON ranges (log, first, last);
CREATE TABLE sweeps (log INTEGER PRIMARY KEY, next INTEGER NOT NULL) STRICT;
