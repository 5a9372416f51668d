#!lua
-- Submits scores to a shard of a board: each meets what is stored, in order.
--
-- KEYS  1 ranks   2 members   3 levels (dense ranks only)
-- ARGV  1 rules   2 1 to make the board where there is none, else 0
--       3 style of the ranks to return: unique, competition, dense, or '' for none
--       4 operator of subscores: best, set, incr, decr, or '' to let them go with their scores
--       5… for each of 1 to 100 submissions:
--           member; operator: best, set, incr, decr, or keep to leave the score; score as the nearest double;
--           mark (see board.lua); metadata, or '' to keep it
-- Returns
--   {'OK', scores, outcomes in one text, submissions, ranks, prefixes}, all in the order of
--       ARGV. Scores and prefixes as they are after that submission, '' where the member is not there; outcome
--       '0', '1' if score or subscore changed, 'O' beyond the range of Int64, 'A' not there (keep only).
--       Submissions and ranks (in this shard, from 0) as they are after the last one, '' where there is none.
--   {'ABSENT'} there is no board, and none was to be made
--   {'RULES', rules in place}
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include board
-- @include place
-- @include number
-- @include rows

local ranks, members, levels = KEYS[1], KEYS[2], KEYS[3]
local rules, style, subscore_operator = ARGV[1], ARGV[3], ARGV[4]
local OPERATORS = {best = true, set = true, incr = true, decr = true, keep = true}
local WIDTH = 5
local submissions = (#ARGV - 4) / WIDTH
if #KEYS < 2 or submissions < 1 or submissions > 100 or submissions ~= math.floor(submissions) then
  return {'BAD_ARGUMENT'}
end
for index = 5, #ARGV, WIDTH do
  local score, mark = tonumber(ARGV[index + 2]), ARGV[index + 3]
  if not is_text(ARGV[index], 256) or not OPERATORS[ARGV[index + 1]] or not is_whole(score, mark) or mark == ''
    or mark_length(score, mark) ~= #mark then
    return {'BAD_ARGUMENT'}
  end
end

local board = call('HMGET', members, '#rules', '#marked', '#cursor', '#reached')
if not board[1] and ARGV[2] ~= '1' then return {'ABSENT'} end
if board[1] and board[1] ~= rules then return {'RULES', board[1]} end
local descending, first = is_descending(rules), goes_to_first(rules)
local flipped = string.byte(rules, 2) ~= string.byte(rules, 3)
local marked = first or board[2]
local reached = 0
if first then
  -- Above what the store said, above what was said before, and comparable with other shards: microseconds.
  local time = call('TIME')
  reached = math.max(tonumber(board[3] or 0), tonumber(board[4] or 0), time[1] * 1000000 + time[2])
end

local names, row_of = {}, {}
for index = 5, #ARGV, WIDTH do
  local member = ARGV[index]
  if not row_of[member] then
    row_of[member] = true
    names[#names + 1] = member
  end
end
local rows = read_rows(ranks, members, names, marked, first)
for _, row in ipairs(rows) do row_of[row.member] = row end

-- Whether the first of two pairs of numbers and bytes is the better one.
local function is_better(score, bytes, other, other_bytes)
  if score == other then return is_less(bytes, other_bytes) ~= descending end
  return (score > other) == descending
end

-- What a submitted score and the stored one, if any, come to; nil beyond the range.
local function met_score(operator, score, residue, other, other_residue)
  if operator == 'set' or operator == 'best' and not other then return score, residue end
  if operator == 'best' then
    if is_better(score, residue, other, other_residue) then return score, residue end
    return other, other_residue
  end
  other = other or 0
  local plain = operator == 'incr' and other + score or math.max(other - score, 0)
  if not is_large(score) and not is_large(other) and not is_large(plain) then return plain, '' end
  local high, low = halves(other, other_residue)
  high, low = combined(operator, high, low, halves(score, residue))
  if not high then return nil end
  return joined(high, low)
end

-- The same for subscores, as they stand in a mark.
local function met_subscore(operator, bytes, other)
  if operator == 'set' or operator == 'best' and not other then return bytes end
  if operator == 'best' then return is_less(bytes, other) ~= descending and bytes or other end
  local high, low = subscore_halves(other or '=', flipped)
  high, low = combined(operator, high, low, subscore_halves(bytes, flipped))
  return high and subscore_bytes(high, low, flipped)
end

-- The same for both: score and mark.
local function met(row, operator, score, mark)
  local other, other_mark = row.score, row.mark
  if subscore_operator == '' and (operator == 'set' or operator == 'best') then
    if operator == 'set' or not other or is_better(score, mark, other, other_mark) then return score, mark end
    return other, other_mark
  end
  local length = is_large(score) and 2 or 0
  local other_length = other and is_large(other) and 2 or 0
  local subscore = string.sub(mark, length + 1)
  local new_score, residue = met_score(
    operator, score, string.sub(mark, 1, length), other, other and string.sub(other_mark, 1, other_length)
  )
  if subscore_operator ~= '' then
    subscore = met_subscore(subscore_operator, subscore, other and string.sub(other_mark, other_length + 1))
  end
  if not new_score or not subscore then return nil end
  return new_score, residue .. subscore
end

local scores, outcomes, prefixes, fields = {}, {}, {}, {}
local reached_before = reached
for number = 1, submissions do
  local index = number * WIDTH
  local row, operator = row_of[ARGV[index]], ARGV[index + 1]
  local outcome = '0'
  if operator == 'keep' then
    if not row.score then outcome = 'A' end
  else
    local score, mark = met(row, operator, tonumber(ARGV[index + 2]), ARGV[index + 3])
    if not score then
      outcome = 'O'
    else
      if score ~= row.score or mark ~= row.mark then
        outcome = '1'
        reached = reached + 1
        row.score, row.mark = score, mark
        row.prefix = first and mark .. reached_bytes(reached, descending) or mark
      end
      row.submitted = (row.submitted or 0) + 1
    end
  end
  if (outcome == '0' or outcome == '1') and ARGV[index + 4] ~= '' then
    fields[#fields + 1] = 'd' .. row.member
    fields[#fields + 1] = ARGV[index + 4]
  end
  outcomes[number] = outcome
  scores[number] = row.score and exact(row.score) or ''
  prefixes[number] = row.score and row.prefix or ''
end

if not board[1] then
  fields[#fields + 1] = '#rules'
  fields[#fields + 1] = rules
  fields[#fields + 1] = '#cursor'
  fields[#fields + 1] = '0'
  if first then
    fields[#fields + 1] = '#marked'
    fields[#fields + 1] = '1'
  end
end
if first and reached > reached_before then
  fields[#fields + 1] = '#reached'
  fields[#fields + 1] = exact(reached)
end
write_rows(ranks, members, levels, rows, fields, marked)
if string.byte(rules, 6) == COUNTS then
  for _, row in ipairs(rows) do
    if row.submitted then
      local repeats = row.submitted - (row.old_score and 0 or 1)
      row.submissions = repeats > 0 and call('HINCRBY', members, 'n' .. row.member, repeats) + 1 or 1
    end
  end
end
local counts, places = {}, {}
for number = 1, submissions do
  local row = row_of[ARGV[number * WIDTH]]
  counts[number] = row.submissions or ''
  places[number] = ''
  if style ~= '' and row.score then
    places[number] = place(style, ranks, levels, descending, row.score, row.prefix .. row.member)
  end
end
return {'OK', scores, table.concat(outcomes), counts, places, prefixes}
