#!lua
-- Brings a shard of a board up to a change of the store, with the rows that changed since.
--
-- Changes are applied in their order, without gaps and once each, whoever sends them how often.
--
-- KEYS  1 ranks   2 members   3 levels (dense ranks only)
-- ARGV  1 rules   2 the change that these rows follow   3 the change that they reach
--       4… for each of 0 to 100 rows, no member twice:
--           member; change; score as the nearest double, or '' when it was removed; prefix (see board.lua);
--           submissions after the first; metadata, or '' for none
-- Returns
--   {'OK', last change applied}
--   {'GAP', last change applied} nothing was applied, since changes before these are missing
--   {'ABSENT'} there is no board
--   {'RULES', rules in place}
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include board
-- @include place
-- @include number
-- @include rows

local ranks, members, levels = KEYS[1], KEYS[2], KEYS[3]
local rules = ARGV[1]
local from, through = whole(ARGV[2], 0, LARGEST), whole(ARGV[3], 0, LARGEST)
local WIDTH = 6
local count = (#ARGV - 3) / WIDTH
if #KEYS < 2 or not from or not through or from > through or count > 100 or count ~= math.floor(count) then
  return {'BAD_ARGUMENT'}
end
for index = 4, #ARGV, WIDTH do
  local score, prefix = tonumber(ARGV[index + 2]), ARGV[index + 3]
  if not is_text(ARGV[index], 256) or not whole(ARGV[index + 1], 1, through) or not tonumber(ARGV[index + 4])
    or not (ARGV[index + 2] == '' or is_whole(score, prefix) and #prefix >= mark_length(score, prefix)) then
    return {'BAD_ARGUMENT'}
  end
end

local board = call('HMGET', members, '#rules', '#marked', '#cursor')
if not board[1] then return {'ABSENT'} end
if board[1] ~= rules then return {'RULES', board[1]} end
local cursor = tonumber(board[3])
if cursor < from then return {'GAP', board[3]} end
if cursor >= through then return {'OK', board[3]} end

local first = goes_to_first(rules)
local names, sources = {}, {}
for index = 4, #ARGV, WIDTH do
  if tonumber(ARGV[index + 1]) > cursor then
    names[#names + 1] = ARGV[index]
    sources[#sources + 1] = index
  end
end
local fields, cleared = {'#cursor', ARGV[3]}, {}

-- Notes what is kept of a member beside its score, unless it is `usual`.
local function keep(letter, row, value, usual)
  if value ~= usual then
    fields[#fields + 1] = letter .. row.member
    fields[#fields + 1] = value
  elseif row.old_score then
    cleared[#cleared + 1] = letter .. row.member
  end
end

local rows = #names > 0 and read_rows(ranks, members, names, board[2], first) or {}
for number, row in ipairs(rows) do
  local index = sources[number]
  row.score = tonumber(ARGV[index + 2])
  if row.score then
    row.prefix = ARGV[index + 3]
    row.mark = first and string.sub(row.prefix, 1, -9) or row.prefix
    keep('n', row, ARGV[index + 4], '0')
    keep('d', row, ARGV[index + 5], '')
  end
end
if #cleared > 0 then call('HDEL', members, unpack(cleared)) end
write_rows(ranks, members, levels, rows, fields, board[2])
return {'OK', ARGV[3]}
