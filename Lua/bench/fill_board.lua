#!lua
-- Gives a board its members beside a plain sorted set of the same, without any client in between.
--
-- KEYS  1 ranks   2 members   3 the plain sorted set
-- ARGV  1 rules (see board.lua)   2 the number of the first one   3 how many
--       4 how many members there shall be: a power of ten
--       5 1 to add them in no order of their scores, as players do, 0 to add them in ascending order: several times as
--       fast, and neighbours then lie side by side in memory
-- Returns the members of the board.

-- @include board

local rules, is_scattered = ARGV[1], ARGV[5] == '1'
local first, count, total = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
-- No factor of a power of ten, so that every number comes up once.
local STEP = 618033
local CHUNK = 1000

redis.call('HSET', KEYS[2], '#rules', rules, '#cursor', '0')
if goes_to_first(rules) then redis.call('HSET', KEYS[2], '#marked', '1') end
for start = first, first + count - 1, CHUNK do
  local ranks, plain, fields = {}, {}, {}
  for number = start, math.min(start + CHUNK, first + count) - 1 do
    local other = number * STEP % total
    local score = is_scattered and other or number
    local member = string.format('%012d', is_scattered and number or other)
    local prefix = '='
    if goes_to_first(rules) then
      prefix = '=' .. struct.pack('>I8', is_descending(rules) and TWO_53 - score - 1 or score + 1)
      fields[#fields + 1] = 'p' .. member
      fields[#fields + 1] = prefix
    end
    ranks[#ranks + 1] = score
    ranks[#ranks + 1] = prefix .. member
    plain[#plain + 1] = score
    plain[#plain + 1] = member
  end
  redis.call('ZADD', KEYS[1], unpack(ranks))
  redis.call('ZADD', KEYS[3], unpack(plain))
  if #fields > 0 then redis.call('HSET', KEYS[2], unpack(fields)) end
end
return redis.call('ZCARD', KEYS[1])
