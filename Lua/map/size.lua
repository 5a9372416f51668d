#!lua flags=no-writes
-- Counts the items of a map that have not expired.
--
-- KEYS  1 items   2 order   3 ends   4 meta
-- ARGV  none
-- Returns
--   {'SIZE', items}
--   {'BAD_ARGUMENT'}

-- @include clock

if #KEYS ~= 4 or #ARGV ~= 0 then
  return {'BAD_ARGUMENT'}
end

return {'SIZE', redis.call('ZCARD', KEYS[3]) - redis.call('ZCOUNT', KEYS[3], '-inf', now_millis())}
