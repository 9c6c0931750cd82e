namespace GenAI.Chats.Grains.Quotas;

/// <summary>A server's request for a lease on a tenant's limits, with what the tenant uses there.</summary>
/// <param name="Server">The server: one run of a process.</param>
/// <param name="Turns">The number of turns that are queued or running there.</param>
/// <param name="Waiting">The number of sends there that wait for this lease.</param>
/// <param name="WantedStarts">The number of turns to take from the rate, for waiting sends and those to come.</param>
/// <param name="ReturnedStarts">The number of turns, taken from the rate earlier, to return to it.</param>
/// <param name="Day">The day, in UTC, of <paramref name="Tokens"/>.</param>
/// <param name="Tokens">The number of tokens that turns which ended there used on the day.</param>
/// <param name="AddedBytes">The bytes added to the tenant's chats there since the previous request.</param>
/// <param name="Release">Whether the server gives up its lease.</param>
[GenerateSerializer]
[Immutable]
[Alias("GenAI.Chats.LeaseRequest")]
public sealed record LeaseRequest(
    [property: Id(0)] string Server,
    [property: Id(1)] long Turns = 0,
    [property: Id(2)] long Waiting = 0,
    [property: Id(3)] long WantedStarts = 0,
    [property: Id(4)] long ReturnedStarts = 0,
    [property: Id(5)] DateOnly Day = default,
    [property: Id(6)] long Tokens = 0,
    [property: Id(7)] long AddedBytes = 0,
    [property: Id(8)] bool Release = false);

/// <summary>A server's part of a tenant's limits. It's valid for <see cref="LeaseTable.Lifetime"/>, or until the server's next request.</summary>
/// <param name="Turns">The number of turns that may be queued or running there.</param>
/// <param name="Starts">The number of turns of the rate that the server may start, in addition to those it has left.</param>
/// <param name="NextStart">If there were fewer than wanted, the time until the rate allows another turn.</param>
/// <param name="TokensElsewhere">The number of tokens that turns which ended on other servers used on the request's day.</param>
/// <param name="StoredBytes">The size of all the tenant's chats in bytes; null if not known yet.</param>
[GenerateSerializer]
[Immutable]
[Alias("GenAI.Chats.Lease")]
public sealed record Lease(
    [property: Id(0)] long Turns,
    [property: Id(1)] long Starts,
    [property: Id(2)] TimeSpan NextStart,
    [property: Id(3)] long TokensElsewhere,
    [property: Id(4)] long? StoredBytes);
