#!lua
-- Writes the deployment id where there is none.
--
-- KEYS  1 deployment id
-- ARGV  1 id (16 bytes)
-- Returns
--   {'INSTALLED', id in place}
--   {'FOUND', id in place}
--   {'BAD_ARGUMENT'}

-- @include arguments

if #KEYS ~= 1 or not is_id(ARGV[1]) then
  return {'BAD_ARGUMENT'}
end

local found = redis.call('GET', KEYS[1])
if found then
  return {'FOUND', found}
end
redis.call('SET', KEYS[1], ARGV[1])
return {'INSTALLED', ARGV[1]}
