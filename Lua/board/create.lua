#!lua
-- Makes an empty shard of a board.
--
-- KEYS  1 ranks   2 members   3 levels
-- ARGV  1 rules   2 1 to empty one that is there, 0 to leave it, 2 to leave it unless it has other rules
-- Returns
--   {'OK'}
--   {'RULES', rules in place}
--   {'BAD_ARGUMENT'}

-- @include board

if #KEYS ~= 3 or #ARGV ~= 2 then
  return {'BAD_ARGUMENT'}
end
local rules = call('HGET', KEYS[2], '#rules')
if rules and ARGV[2] ~= '1' then
  if rules == ARGV[1] then return {'OK'} end
  if ARGV[2] ~= '2' then return {'RULES', rules} end
end
call('UNLINK', KEYS[1], KEYS[2], KEYS[3])
call('HSET', KEYS[2], '#rules', ARGV[1], '#cursor', '0')
if goes_to_first(ARGV[1]) then call('HSET', KEYS[2], '#marked', '1') end
return {'OK'}
