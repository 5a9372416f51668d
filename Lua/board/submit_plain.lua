#!lua
-- Submits scores to a shard of a board on which nothing but scores counts: the cheap way of board/submit.
--
-- KEYS  1 ranks   2 members
-- ARGV  1 rules; ties to the id, no levels   2 1 to make the board where there is none, else 0
--       3 style of the ranks to return: unique, competition, or '' for none   4 operator: best, set, incr, decr
--       5… for each of 1 to 100 submissions: member, none of them twice; score in digits, within 2^53
-- Returns
--   {'OK', '0' or '1' for each that changed, in one text, then the scores as they are now; then the numbers of
--       submissions, where the board counts them; then the ranks in this shard from 0, where a style was given}
--   {'MARKED'} there are other things: ask board/submit; so where a sum would leave 2^53
--   {'ABSENT'} there is no board, and none was to be made
--   {'RULES', rules in place}
--   {'BAD_ARGUMENT'}

-- @include board

local ranks, members = KEYS[1], KEYS[2]
local rules, style, operator = ARGV[1], ARGV[3], ARGV[4]
local count = (#ARGV - 4) / 2
if #KEYS ~= 2 or count < 1 or count > 100 or count % 1 ~= 0 then
  return {'BAD_ARGUMENT'}
end

local board = call('HMGET', members, '#rules', '#marked')
if not board[1] and ARGV[2] ~= '1' then return {'ABSENT'} end
if board[1] and board[1] ~= rules then return {'RULES', board[1]} end
if board[2] then return {'MARKED'} end
local descending, counts = is_descending(rules), string.byte(rules, 6) == COUNTS

-- The score that a submission and the stored one, if any, come to; nil and a code where it does not.
-- Scores stay text where possible: turning numbers into text costs as much as finding a member.
local function met(text, old)
  local score = tonumber(text)
  if not score or score % 1 ~= 0 then return nil, 'BAD_ARGUMENT' end
  if operator == 'best' then
    if old and (score > tonumber(old)) ~= descending then return old end
  elseif operator == 'incr' or operator == 'decr' then
    local other = tonumber(old or 0)
    score = operator == 'incr' and other + score or math.max(other - score, 0)
    text = string.format('%.0f', score)
  elseif operator ~= 'set' then
    return nil, 'BAD_ARGUMENT'
  end
  if score >= TWO_53 or score <= -TWO_53 then return nil, 'MARKED' end
  return text
end

local function submissions(member, old)
  return old and call('HINCRBY', members, 'n' .. member, 1) + 1 or 1
end

local function place(text, element)
  if style == 'unique' then return call(descending and 'ZREVRANK' or 'ZRANK', ranks, element) end
  if descending then return call('ZCOUNT', ranks, '(' .. text, '+inf') end
  return call('ZCOUNT', ranks, '-inf', '(' .. text)
end

local function make()
  if not board[1] then call('HSET', members, '#rules', rules, '#cursor', '0') end
end

-- One score is what is submitted most: without the tables that many need.
if count == 1 then
  local element = '=' .. ARGV[5]
  local old = call('ZSCORE', ranks, element)
  local text, code = met(ARGV[6], old)
  if not text then return {code} end
  make()
  if text ~= old then call('ZADD', ranks, text, element) end
  local reply = {'OK', text == old and '0' or '1', text}
  if counts then reply[4] = submissions(ARGV[5], old) end
  if style ~= '' then reply[#reply + 1] = place(text, element) end
  return reply
end

local elements, added, changes, reply, size = {}, {}, {}, {'OK', ''}, 0
for number = 1, count do elements[number] = '=' .. ARGV[3 + number * 2] end
local stored = call('ZMSCORE', ranks, unpack(elements))
for number = 1, count do
  local old = stored[number]
  local text, code = met(ARGV[4 + number * 2], old)
  if not text then return {code} end
  reply[2 + number] = text
  changes[number] = text == old and '0' or '1'
  if text ~= old then
    size = size + 2
    added[size - 1], added[size] = text, elements[number]
  end
end
reply[2] = table.concat(changes)
make()
if size > 0 then call('ZADD', ranks, unpack(added)) end
if counts then
  for number = 1, count do reply[#reply + 1] = submissions(ARGV[3 + number * 2], stored[number]) end
end
if style ~= '' then
  for number = 1, count do reply[#reply + 1] = place(reply[2 + number], elements[number]) end
end
return reply
