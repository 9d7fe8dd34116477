-- The API's reads see which product has an endpoint of which generation, never its key (PRD-1).
GRANT SELECT (product, generation) ON endpoints TO steward_reader;
