-- +goose Up
-- The ids under which agents' programs open cases for somebody who phoned, wrote or came by: a case that is
-- opened again is the one that is there, and its customer gets one letter.
CREATE TABLE intake_ids (
    account_id     bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    client_case_id text NOT NULL,
    case_id        bigint NOT NULL REFERENCES cases,
    PRIMARY KEY (account_id, client_case_id)
);
