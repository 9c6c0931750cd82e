namespace GenAI.Chats.Engine.Limits;

/// <summary>
/// The configuration section <c>Limits</c>. Changes apply while the server runs. If a changed section is invalid, the server logs a warning and keeps the
/// previous limits.
/// </summary>
public sealed record LimitsOptions
{
    /// <summary>The name of the configuration section.</summary>
    public const string SectionName = "Limits";

    /// <summary>Limits of each server.</summary>
    public ServerLimits Server { get; init; } = new();

    /// <summary>Limits of each tenant, all servers of the cluster together.</summary>
    public TenantLimits Default { get; init; } = new() { Chats = 10_000_000 };

    /// <summary>Limits of single tenants, by name (case-insensitive). They override <see cref="Default"/> key by key.</summary>
    public Dictionary<string, TenantLimits> Tenants { get; init; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Returns the limits of a tenant. In the result, null means unlimited.</summary>
    internal TenantLimits Of(string tenant) => (Tenants.GetValueOrDefault(tenant) ?? Default).WithDefaults(Default);
}
