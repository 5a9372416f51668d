#!lua flags=allow-oom
-- Counts the items that have not expired. What was invisible long enough is given back first.
--
-- KEYS  those of a queue, see include/queue
-- ARGV  1 channel
-- Returns
--   {'SIZE', how many are visible, how many invisible, how many dead letters, how many items died}
--   {'AGAIN', 0, 0, 0, how many items died}   there was more to give back than one call may
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include clock
-- @include queue
-- @include queue_reclaim

if not is_queue() then
  return {'BAD_ARGUMENT'}
end

local now = now_millis()
local returned, died, more = reclaim(now)
wake(returned, now)
if more then return {'AGAIN', 0, 0, 0, died} end
local after = '(' .. string.format('%.0f', now)
return {
  'SIZE', call('ZCOUNT', VISIBLE, after, '+inf'), call('ZCOUNT', INVISIBLE, after, '+inf'), call('LLEN', DEAD), died
}
