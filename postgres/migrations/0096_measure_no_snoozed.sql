-- +goose Up
-- A case that was put aside takes up nobody: no stretch of work runs meanwhile, so
-- that days of it neither count as how long cases take nor make its agent somebody
-- who is at work. The trigger is made anew; it locks cases for that moment.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION measure_case() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was boolean := false;
    works boolean := NEW.state = 'claimed' AND NEW.paused_at IS NULL AND NEW.snoozed_until IS NULL;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        was := OLD.state = 'claimed' AND OLD.paused_at IS NULL AND OLD.snoozed_until IS NULL;
        IF was AND (NOT works OR OLD.agent_id <> NEW.agent_id) THEN
            UPDATE work_spells SET ended_at = now() WHERE case_id = NEW.id AND ended_at IS NULL;
            was := false;
        END IF;
        IF OLD.state = 'waiting' AND NEW.state <> 'waiting' THEN
            UPDATE told_waits SET ended_at = now(), served = NEW.state = 'claimed' WHERE case_id = NEW.id AND ended_at IS NULL;
        END IF;
    END IF;
    IF works AND NOT was THEN
        INSERT INTO work_spells (case_id, agent_id, team, started_at) VALUES (NEW.id, NEW.agent_id, NEW.team, now());
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
DROP TRIGGER cases_measure ON cases;
CREATE TRIGGER cases_measure AFTER INSERT OR UPDATE OF state, agent_id, paused_at, snoozed_until ON cases
    FOR EACH ROW EXECUTE FUNCTION measure_case();
DELETE FROM work_spells w USING cases k WHERE k.id = w.case_id AND w.ended_at IS NULL AND k.snoozed_until IS NOT NULL;
