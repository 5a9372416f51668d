#!lua flags=no-writes
-- Shows a hot copy to a reader without a lease, where it was the last committed save recently enough.
--
-- It may have been superseded since, so its age is how stale it can be. A copy that says nothing of its own save, as
-- those of older builds, is of unknown age; so is one from a time that this clock has not reached.
--
-- KEYS  1 hot copy hash
-- ARGV  1 the largest age, ms
-- Returns
--   {'FOUND', age in ms, what readers have to know, version, save id, checksum, document bytes, payload}
--   {'NONE'}
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include clock

local hot = KEYS[1]
local largest_age = whole(ARGV[1], 0, LONGEST_MILLIS)
if #KEYS ~= 1 or not largest_age then
  return {'BAD_ARGUMENT'}
end

-- The payload later: most copies are too old.
local seen = redis.call('HMGET', hot, 'seen', 'save_id')
if not seen[1] or not is_id(seen[2]) or string.sub(seen[1], 1, 16) ~= seen[2] then
  return {'NONE'}
end
local at, facts = string.match(string.sub(seen[1], 17), '^(%d+):(.+)$')
at = whole(at, 0, LARGEST)
local age = at and now_millis() - at
if not age or age < 0 or age > largest_age then
  return {'NONE'}
end

local copy = redis.call('HMGET', hot, 'version', 'checksum', 'document_bytes', 'payload')
if not (copy[1] and copy[2] and copy[3] and copy[4]) then
  return {'NONE'}
end
return {'FOUND', age, facts, copy[1], seen[2], copy[2], copy[3], copy[4]}
