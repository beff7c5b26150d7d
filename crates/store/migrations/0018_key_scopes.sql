-- What a key may do beyond the resources of the API, e.g. `link:pass_through:read link:pass_through:write`, by spaces;
-- nothing in it: none of that. Null: all of it, as for keys made before there were scopes.
alter table api_key add column scopes text;
