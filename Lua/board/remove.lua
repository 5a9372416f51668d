#!lua flags=allow-oom
-- Removes members from a shard of a board.
--
-- KEYS  1 ranks   2 members   3 levels (dense ranks only)
-- ARGV  1 rules   2… 1 to 100 members, none of them twice
-- Returns
--   {'OK', how many were there}
--   {'ABSENT'} there is no board
--   {'RULES', rules in place}
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include board
-- @include place
-- @include rows

local rules = ARGV[1]
if #KEYS < 2 or #ARGV < 2 or #ARGV > 101 then
  return {'BAD_ARGUMENT'}
end
local names = {}
for index = 2, #ARGV do
  if not is_text(ARGV[index], 256) then return {'BAD_ARGUMENT'} end
  names[index - 1] = ARGV[index]
end

local board = call('HMGET', KEYS[2], '#rules', '#marked')
if not board[1] then return {'ABSENT'} end
if board[1] ~= rules then return {'RULES', board[1]} end
local first = goes_to_first(rules)
local removed = 0
local rows = read_rows(KEYS[1], KEYS[2], names, board[2], first)
for _, row in ipairs(rows) do
  if row.score then removed = removed + 1 end
  row.score = nil
end
write_rows(KEYS[1], KEYS[2], KEYS[3], rows, {}, true)
return {'OK', removed}
