#!lua flags=no-writes
-- Says how far the queue's durable log was pushed.
--
-- KEYS  those of a queue, see include/queue
-- ARGV  1 channel   2 generation of the log (16 bytes)
-- Returns
--   {'CURSOR', number up to which all is pushed}
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include queue

if not is_queue() or not is_id(ARGV[2]) then
  return {'BAD_ARGUMENT'}
end
local known = call('HGET', ITEMS, 'cursor') or ''
return {'CURSOR', string.sub(known, 1, 16) == ARGV[2] and string.sub(known, 17) or '0'}
