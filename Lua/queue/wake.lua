#!lua flags=allow-oom
-- Passes a hint on to another process that waits, if there is something to read.
--
-- KEYS  those of a queue, see include/queue
-- ARGV  1 channel
-- Returns
--   {'OK'}
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include clock
-- @include queue

if not is_queue() then
  return {'BAD_ARGUMENT'}
end
if call('ZCARD', VISIBLE) > 0 then wake(1, now_millis()) end
return {'OK'}
