#!lua
-- Submits scores to a shard of a board on which nothing but scores counts: the cheap way of board/submit.
--
-- KEYS  1 ranks   2 members
-- ARGV  1 rules; ties to the id, no levels   2 1 to make the board where there is none, else 0
--       3 style of the ranks to return: unique, competition, or '' for none   4 operator: best, set, incr, decr
--       5… for each of 1 to 100 submissions: member, none of them twice; score, within 2^53
-- Returns
--   {'OK', members of the shard, scores as they are now, '0' or '1' for each that changed, in one text,
--       submissions or nothing, ranks in this shard from 0 or nothing}
--   {'MARKED'} there are other things: ask board/submit; so where a sum would leave 2^53
--   {'ABSENT'} there is no board, and none was to be made
--   {'RULES', rules in place}
--   {'BAD_ARGUMENT'}

-- @include board

local ranks, members = KEYS[1], KEYS[2]
local rules, style, operator = ARGV[1], ARGV[3], ARGV[4]
local submissions = (#ARGV - 4) / 2
if #KEYS ~= 2 or submissions < 1 or submissions > 100 or submissions ~= math.floor(submissions) then
  return {'BAD_ARGUMENT'}
end

local board = call('HMGET', members, '#rules', '#marked')
local is_new = not board[1]
if is_new and ARGV[2] ~= '1' then return {'ABSENT'} end
if not is_new and board[1] ~= rules then return {'RULES', board[1]} end
if board[2] then return {'MARKED'} end
local descending = is_descending(rules)

local elements = {}
for number = 1, submissions do elements[number] = '=' .. ARGV[3 + number * 2] end
local stored = call('ZMSCORE', ranks, unpack(elements))

local scores, changes, added = {}, {}, {}
for number = 1, submissions do
  -- Kept as text where possible: turning numbers into text costs as much as finding a member.
  local text = ARGV[4 + number * 2]
  local score = tonumber(text)
  if not score or score ~= math.floor(score) then return {'BAD_ARGUMENT'} end
  local other = stored[number] and tonumber(stored[number])
  if operator == 'best' then
    if other and (score > other) ~= descending then score, text = other, stored[number] end
  elseif operator == 'incr' or operator == 'decr' then
    score = operator == 'incr' and (other or 0) + score or math.max((other or 0) - score, 0)
    text = string.format('%.0f', score)
  elseif operator ~= 'set' then
    return {'BAD_ARGUMENT'}
  end
  if score >= TWO_53 or score <= -TWO_53 then return {'MARKED'} end
  scores[number] = text
  if score == other then
    changes[number] = '0'
  else
    changes[number] = '1'
    added[#added + 1] = text
    added[#added + 1] = elements[number]
  end
end

if is_new then call('HSET', members, '#rules', rules, '#cursor', '0') end
if #added > 0 then call('ZADD', ranks, unpack(added)) end
local counts, places = {}, {}
if string.byte(rules, 6) == COUNTS then
  for number = 1, submissions do
    counts[number] = stored[number] and call('HINCRBY', members, 'n' .. ARGV[3 + number * 2], 1) + 1 or 1
  end
end
if style == 'unique' then
  local command = descending and 'ZREVRANK' or 'ZRANK'
  for number = 1, submissions do places[number] = call(command, ranks, elements[number]) end
elseif style == 'competition' then
  for number = 1, submissions do
    if descending then
      places[number] = call('ZCOUNT', ranks, '(' .. scores[number], '+inf')
    else
      places[number] = call('ZCOUNT', ranks, '-inf', '(' .. scores[number])
    end
  end
end
return {'OK', call('ZCARD', ranks), scores, table.concat(changes), counts, places}
