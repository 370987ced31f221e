-- +goose Up
-- Cases of low priority come an hour later than those of normal one, and a
-- promise that nobody waits for any more is dropped.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION place_case() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.serve_by := least(
        coalesce(NEW.ready_at, NEW.enqueued_at) + CASE
            WHEN NEW.priority > 0 THEN interval '0'
            WHEN NEW.priority = 0 THEN interval '30 minutes'
            ELSE interval '90 minutes' END,
        NEW.due_at);
    IF NEW.state <> 'claimed' THEN
        NEW.paused_at := NULL;
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION drop_promises() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE promises
    SET dropped_at = now()
    WHERE case_id = NEW.id AND kept_at IS NULL AND broken_at IS NULL AND dropped_at IS NULL;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER cases_drop_promises AFTER UPDATE OF state ON cases
    FOR EACH ROW WHEN (NEW.state IN ('resolved', 'withdrawn') AND OLD.state <> NEW.state) EXECUTE FUNCTION drop_promises();
