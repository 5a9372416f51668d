#!lua flags=allow-oom
-- Puts a shard that was filled aside in the place of the one in use.
--
-- KEYS  1 ranks   2 members   3 levels, in use   4 ranks   5 members   6 levels, aside
-- ARGV  1 rules   2 the change that the shard aside must have reached
--       3 1 to replace one in use that has come further, 0 to leave it
-- Returns
--   {'OK', last change applied}
--   {'GAP', last change applied} the shard aside is not as far
--   {'AHEAD', last change applied to the one in use} it has come further than the shard aside
--   {'ABSENT'} there is none aside, and the one in use is not as far
--   {'RULES', rules in place}
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include board

local wanted = whole(ARGV[2], 0, LARGEST)
if #KEYS ~= 6 or #ARGV ~= 3 or not wanted then
  return {'BAD_ARGUMENT'}
end
local board = call('HMGET', KEYS[5], '#rules', '#cursor')
local live = call('HMGET', KEYS[2], '#rules', '#cursor')
if not board[1] then
  -- A repeated request: it is in place already.
  if live[1] == ARGV[1] and tonumber(live[2]) >= wanted then return {'OK', live[2]} end
  return {'ABSENT'}
end
if board[1] ~= ARGV[1] then return {'RULES', board[1]} end
if tonumber(board[2]) < wanted then return {'GAP', board[2]} end
if live[1] == ARGV[1] and tonumber(live[2]) > tonumber(board[2]) and ARGV[3] ~= '1' then
  return {'AHEAD', live[2]}
end
-- First, since a rename would free the old one before Redis answers anyone else.
call('UNLINK', KEYS[1], KEYS[2], KEYS[3])
for index = 1, 3 do
  if call('EXISTS', KEYS[index + 3]) == 1 then call('RENAME', KEYS[index + 3], KEYS[index]) end
end
return {'OK', board[2]}
