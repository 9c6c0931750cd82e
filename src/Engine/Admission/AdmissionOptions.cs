namespace GenAI.Chats.Engine.Admission;

/// <summary>
/// Who may start how many turns: the configuration section <c>Admission</c>. Changes are taken up while the server runs; a section that breaks a rule is left
/// aside then, with a warning, and what was in force stays so.
/// </summary>
public sealed record AdmissionOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Admission";

    /// <summary>Limits of each server.</summary>
    public ServerLimitOptions Server { get; init; } = new();

    /// <summary>Limits of each tenant that has none of its own. They hold for the cluster.</summary>
    public TenantLimitOptions Default { get; init; } = new() { Chats = 10_000_000 };

    /// <summary>Limits of single tenants, by name, whatever its case. What is not set there is as in <see cref="Default"/>.</summary>
    public Dictionary<string, TenantLimitOptions> Tenants { get; init; } = new(StringComparer.OrdinalIgnoreCase);
}
