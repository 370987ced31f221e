-- +goose Up
-- How far a correction has come is counted from the index alone.
CREATE INDEX corrected_delivery ON corrected (correction_id) INCLUDE (state, mail, shown_at);
