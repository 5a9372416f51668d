-- One shard of one season of a board.
--
--   ranks    sorted set: element -> score, as the nearest double
--   members  hash of the board's state, and of members where they are not as usual
--       #rules    the rules below: a shard without them is not there
--       #marked   1 once an element began with anything but '=', and always where ties go to the first
--       #cursor   the last change of the store that was applied
--       #reached  the last number that a fast change took (ties to the first only): microseconds since 1970
--       p<member> what stands before the member in its element, where it is not '='
--       n<member> submissions after the first, where there are any
--       d<member> metadata
--       c<level>  how many members share a level (dense ranks only)
--   levels   sorted set of the distinct pairs of score and subscore (dense ranks only): level -> score
--
-- An element is a mark, then eight bytes of when it was reached where ties go to the first, then the member. A mark
-- is the two bytes of residue where the score is beyond 2^53 (see number.lua), then '=' for the subscore 0, else '<'
-- or '>' and eight bytes. So the order of Redis, by score and then by bytes, is the order of the board, reversed
-- where higher scores are better. No mark begins another one of the same score, and no member begins with 255.
--
-- Rules are a text of one character each: layout '1'; order 'd' or 'a'; the subscores' order likewise; ties 'i' to
-- the id or 'f' to the first; 'l' where levels are kept, else '-'; 'c' where fast submissions are counted, else '-';
-- then '/' and the number of shards.
local call = redis.call
local KEEPS_LEVELS, COUNTS = 108, 99

local function is_descending(rules) return string.byte(rules, 2) == 100 end
local function goes_to_first(rules) return string.byte(rules, 4) == 102 end

-- Beyond this, doubles skip whole numbers.
local TWO_53 = 9007199254740992
