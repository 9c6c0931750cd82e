namespace GenAI.Chats.Engine.Storage;

/// <summary>Reads across tenants, for operators.</summary>
public interface IOperatorStore
{
    /// <summary>Lists the tenants that have had chats, in the order of their code units.</summary>
    /// <param name="after">Only tenants after this one.</param>
    /// <param name="maxTenants">The maximum number of tenants.</param>
    /// <param name="cancellationToken">A token to cancel the read.</param>
    /// <returns>Null if the store can't list tenants.</returns>
    Task<IReadOnlyList<string>?> ListTenantsAsync(string after, int maxTenants, CancellationToken cancellationToken);

    /// <summary>
    /// Lists chats with pending turns, of all tenants, one page at a time. The chat whose first pending turn was created first comes first. A chat that changes
    /// between two pages can be on both or on neither.
    /// </summary>
    Task<IReadOnlyList<BusyChat>> ListBusyAsync(BusyQuery query, CancellationToken cancellationToken);
}

/// <summary>Selects chats with pending turns.</summary>
/// <param name="MaxChats">The maximum number of chats.</param>
/// <param name="Tenant">If set, only chats of this tenant.</param>
/// <param name="HasOwner">If set, whether a process runs, or ran, the first pending turn.</param>
/// <param name="CreatedBefore">If set, only chats whose first pending turn was created at this time or earlier.</param>
/// <param name="After">If set, only chats after this one.</param>
public readonly record struct BusyQuery(int MaxChats, string? Tenant = null, bool? HasOwner = null, DateTimeOffset? CreatedBefore = null, BusyChat? After = null);
