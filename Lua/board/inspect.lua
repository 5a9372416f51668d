#!lua flags=no-writes
-- Shows the state of a shard of a board.
--
-- KEYS  1 ranks   2 members
-- ARGV  1 rules
-- Returns
--   {'OK', members of the shard, last change of the store that was applied}
--   {'ABSENT'} there is no board
--   {'RULES', rules in place}
--   {'BAD_ARGUMENT'}

-- @include board

if #KEYS ~= 2 or #ARGV ~= 1 then
  return {'BAD_ARGUMENT'}
end
local board = call('HMGET', KEYS[2], '#rules', '#cursor')
if not board[1] then return {'ABSENT'} end
if board[1] ~= ARGV[1] then return {'RULES', board[1]} end
return {'OK', call('ZCARD', KEYS[1]), board[2]}
