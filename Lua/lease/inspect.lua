#!lua flags=no-writes
-- Shows a lease without touching it.
--
-- KEYS  1 lease hash
-- ARGV  none
-- Returns
--   {'FREE'}
--   {'HELD', nonce, server, boot, token, since, ms left, server that waits or ''}
--   {'BAD_ARGUMENT'}

-- @include holder

if #KEYS ~= 1 then
  return {'BAD_ARGUMENT'}
end

local holder = read_holder(KEYS[1])
if not holder[1] then
  return {'FREE'}
end
return describe(KEYS[1], holder)
