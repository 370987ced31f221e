-- +goose Up
-- What customers asked in vain. These rows say which turns, when, why and what it
-- cost, never what was asked: that stays sealed in its message, and is opened,
-- with personal data taken out, each time it is shown or compared.

-- Questions that one article could answer. Which message names a gap is kept by
-- the number of its turn.
CREATE TABLE knowledge_gaps (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    state         text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'drafted', 'closed', 'dismissed')),
    article_id    bigint REFERENCES knowledge_articles ON DELETE SET NULL,
    label_turn    bigint,
    reason        text,
    last_asked_at timestamptz NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    changed_by    bigint REFERENCES accounts,
    changed_at    timestamptz NOT NULL DEFAULT now(),
    closed_at     timestamptz,
    came_back_at  timestamptz,
    CHECK ((state = 'dismissed') = (reason IS NOT NULL)),
    CHECK (state <> 'closed' OR closed_at IS NOT NULL)
);
COMMENT ON COLUMN knowledge_gaps.reason IS 'of the dismissal, in the words of the staff';
COMMENT ON COLUMN knowledge_gaps.came_back_at IS 'when it was asked in vain again after it had been closed';
CREATE INDEX knowledge_gaps_asked ON knowledge_gaps (last_asked_at DESC);
CREATE INDEX knowledge_gaps_article ON knowledge_gaps (article_id) WHERE article_id IS NOT NULL;

CREATE TABLE knowledge_gap_questions (
    turn_id         bigint PRIMARY KEY REFERENCES turns,
    conversation_id bigint NOT NULL REFERENCES conversations,
    from_seq        int NOT NULL,
    to_seq          int NOT NULL,
    case_id         bigint REFERENCES cases,
    gap_id          bigint REFERENCES knowledge_gaps ON DELETE SET NULL,
    reason          text NOT NULL CHECK (reason IN ('no_knowledge', 'low_confidence', 'clarified', 'declined', 'not_helpful')),
    counts          boolean NOT NULL,
    lang            text NOT NULL,
    confidence      float8 NOT NULL,
    agent_seconds   float8 NOT NULL DEFAULT 0,
    asked_at        timestamptz NOT NULL,
    refresh_at      timestamptz,
    CHECK (counts OR gap_id IS NULL)
);
COMMENT ON COLUMN knowledge_gap_questions.counts IS 'false: a question asked back, or a friendly no, that nobody was called after yet';
COMMENT ON COLUMN knowledge_gap_questions.agent_seconds IS 'how long an agent had the case that this question led to';
COMMENT ON COLUMN knowledge_gap_questions.refresh_at IS 'when the record is read again; null once nothing more can happen to it';
CREATE INDEX knowledge_gap_questions_gap ON knowledge_gap_questions (gap_id, asked_at DESC) WHERE gap_id IS NOT NULL;
CREATE INDEX knowledge_gap_questions_new ON knowledge_gap_questions (asked_at, turn_id) WHERE counts AND gap_id IS NULL;
CREATE INDEX knowledge_gap_questions_asked ON knowledge_gap_questions (asked_at) WHERE counts;
CREATE INDEX knowledge_gap_questions_conversation ON knowledge_gap_questions (conversation_id);
CREATE INDEX knowledge_gap_questions_case ON knowledge_gap_questions (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX knowledge_gap_questions_refresh ON knowledge_gap_questions (refresh_at) WHERE refresh_at IS NOT NULL;

-- How far the record has been looked through.
CREATE TABLE knowledge_gap_sweeps (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    swept_to timestamptz NOT NULL
);

CREATE INDEX turns_unanswered ON turns (ended_at) WHERE outcome IN ('handoff', 'clarify', 'decline');
CREATE INDEX feedback_unhelpful ON feedback (created_at) WHERE NOT helpful;

-- Golden questions that were customers' own.
ALTER TABLE knowledge_questions ADD COLUMN gap_id bigint REFERENCES knowledge_gaps ON DELETE SET NULL;
CREATE INDEX knowledge_questions_gap ON knowledge_questions (gap_id) WHERE gap_id IS NOT NULL;

-- Who is erased has asked nothing, from the moment that is noted.
-- +goose StatementBegin
CREATE FUNCTION forget_gap_questions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM knowledge_gap_questions q USING conversations c
    WHERE c.customer_id = NEW.id AND q.conversation_id = c.id;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER customers_forget_gap_questions AFTER UPDATE OF erase_requested_at, erased_at ON customers
    FOR EACH ROW WHEN (NEW.erase_requested_at IS NOT NULL) EXECUTE FUNCTION forget_gap_questions();
