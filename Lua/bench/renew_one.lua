#!lua flags=allow-oom
-- What `lease/renew` does for many leases, for one: the ceiling that batches are measured against.
--
-- KEYS  1 lease hash
-- ARGV  1 lease, ms   2 nonce of the lease
-- Returns 1 when renewed, 0 when absent or held by another
local holder = redis.call('HMGET', KEYS[1], 'nonce', 'wanted_by')
if holder[1] ~= ARGV[2] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1
