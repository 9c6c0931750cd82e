namespace GenAI.Chats.Engine.Limits;

/// <summary>The errors for rejected requests. Each contains the limit and its value, and the delay after which a retry can succeed.</summary>
public static class LimitErrors
{
    /// <summary>Creates the error for a tenant that has the maximum number of pending turns.</summary>
    public static ChatException ConcurrentTurns(long limit, TimeSpan delay) => New(
        "TENANT_CONCURRENT_TURNS", nameof(TenantLimits.ConcurrentTurns), limit, delay, $"Quota exceeded: {limit} concurrent turns per tenant.");

    /// <summary>Creates the error for a tenant that sends too often.</summary>
    public static ChatException TurnsPerMinute(long limit, TimeSpan delay) => New(
        "TENANT_TURNS_PER_MINUTE", nameof(TenantLimits.TurnsPerMinute), limit, delay, $"Quota exceeded: {limit} turns per minute per tenant.");

    /// <summary>Creates the error for a tenant that has used its tokens of the day.</summary>
    public static ChatException TokensPerDay(long limit, TimeSpan delay) => New(
        "TENANT_TOKENS_PER_DAY",
        nameof(TenantLimits.TokensPerDay),
        limit,
        delay,
        $"Quota exceeded: {limit} tokens per day per tenant. The quota resets at 00:00 UTC.");

    /// <summary>Creates the error for a tenant that stores too much.</summary>
    public static ChatException StoredBytes(long limit) => New(
        "TENANT_STORED_BYTES",
        nameof(TenantLimits.StoredBytes),
        limit,
        null,
        $"Quota exceeded: {limit} bytes of stored history per tenant. Delete chats to free space.");

    internal static ChatException Chats(long limit) => New(
        "TOO_MANY_CHATS", nameof(TenantLimits.Chats), limit, null, $"Quota exceeded: {limit} chats per tenant. Delete chats to create new ones.");

    internal static ChatException ServerBusy(long limit, TimeSpan delay) => New(
        "SERVER_BUSY", "Server:ConcurrentTurns", limit, delay, $"The server is overloaded: {limit} turns are running and the wait queue is full.");

    internal static ChatException ServerMemory(double limit, TimeSpan delay) => New(
        "SERVER_MEMORY", "Server:MaxMemoryUtilization", (long)(limit * 100), delay, "The server is low on memory and isn't accepting new turns.");

    private static ChatException New(string reason, string limit, long value, TimeSpan? delay, string message) => new(Code.ResourceExhausted, reason, message)
    {
        RetryDelay = delay,
        Metadata = new() { ["limit"] = limit, ["limit_value"] = value.ToString(CultureInfo.InvariantCulture) },
    };
}
