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
) STRICT;
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
) STRICT;
CREATE UNIQUE INDEX turns_by_sequence ON turns (chat, sequence);
CREATE UNIQUE INDEX turns_by_turn_id ON turns (chat, turn_id) WHERE turn_id IS NOT NULL;
CREATE UNIQUE INDEX turns_by_request_id ON turns (chat, request_id) WHERE request_id IS NOT NULL;
CREATE INDEX turns_pending ON turns (chat, sequence, state, owner, create_time) WHERE state <= 2;
CREATE TABLE inputs (turn INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
CREATE TABLE outcomes (turn INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
CREATE TABLE deleted_chats (chat INTEGER PRIMARY KEY) STRICT;
CREATE TABLE tenants (tenant TEXT PRIMARY KEY, chats INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE owners (owner TEXT PRIMARY KEY, expires INTEGER NOT NULL) STRICT, WITHOUT ROWID;
