#!lua flags=no-writes
-- Reads a shard of a board around a member, or around an element that need not be there.
--
-- KEYS  1 ranks (or levels, without a style)   2 members   3 levels (dense ranks only)
-- ARGV  1 rules   2 style of the place of the first row: unique, competition, dense, or '' for none
--       3 member, or '' for an element   4, 5 the element: score as the nearest double, and bytes
--       6 how many to read before it   7 how many after it; both together at most 1,000
--       8, 9 the element to begin with, 10, 11 the element to end before: the part that is read; '' for all
-- Returns
--   {'OK', members of the shard, place of the anchor: how many come before it, 1 if it is there itself else 0,
--       how many come before the part's beginning, and before its end, how many come before the first row,
--       place of the first row in the style or '', rows: element, score, element, score, …}
--       Rows hold the anchor itself where it is there and within the part; an anchor outside it stands at its end.
--   {'NOT_THERE', members of the shard} no such member
--   {'ABSENT'} there is no board
--   {'RULES', rules in place}
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include board
-- @include place

local ranks, rules, style, member = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local before, after = whole(ARGV[6], 0, 1000), whole(ARGV[7], 0, 1000)
if #KEYS < 2 or #ARGV ~= 11 or not before or not after or before + after > 1000
  or member == '' and not tonumber(ARGV[4])
  or ARGV[8] ~= '' and not tonumber(ARGV[8]) or ARGV[10] ~= '' and not tonumber(ARGV[10]) then
  return {'BAD_ARGUMENT'}
end
local board = call('HMGET', KEYS[2], '#rules', '#marked')
if not board[1] then return {'ABSENT'} end
if board[1] ~= rules then return {'RULES', board[1]} end
local descending = is_descending(rules)
local total = call('ZCARD', ranks)

-- How many elements come before (score, bytes), and 1 if it is there.
local function found(score, bytes)
  score = tonumber(score)
  local stored = bytes ~= '' and call('ZSCORE', ranks, bytes)
  if stored and tonumber(stored) == score then
    return call(descending and 'ZREVRANK' or 'ZRANK', ranks, bytes), 1
  end
  return position(ranks, descending, score, bytes), 0
end

local anchor, present
if member == '' then
  anchor, present = found(ARGV[4], ARGV[5])
else
  local prefix = board[2] and call('HGET', KEYS[2], 'p' .. member)
  anchor = (prefix or not goes_to_first(rules))
    and call(descending and 'ZREVRANK' or 'ZRANK', ranks, (prefix or '=') .. member)
  if not anchor then return {'NOT_THERE', total} end
  present = 1
end
local low, high = 0, total
if ARGV[8] ~= '' then low = found(ARGV[8], ARGV[9]) end
if ARGV[10] ~= '' then high = found(ARGV[10], ARGV[11]) end
-- An anchor outside the part stands at its nearer end.
if anchor < low then anchor, present = low, 0 end
if anchor >= high then anchor, present = math.max(high, low), 0 end

local start = math.max(anchor - before, low)
local stop = math.min(anchor + present + after, high) - 1
local rows = {}
if start <= stop then
  if descending then
    rows = call('ZRANGE', ranks, start, stop, 'REV', 'WITHSCORES')
  else
    rows = call('ZRANGE', ranks, start, stop, 'WITHSCORES')
  end
end
local first_place = ''
if style ~= '' and rows[1] then
  first_place = place(style, ranks, KEYS[3], descending, tonumber(rows[2]), rows[1])
end
return {'OK', total, anchor, present, low, high, start, first_place, rows}
