namespace GenAI.Chats.Engine.Admission;

/// <summary>
/// Sends that are refused unless their chat knows them: the retries among them are answered whatever the limits. A few of a tenant are looked up at a time,
/// so that those that hammer a server cost it little.
/// </summary>
internal sealed class Lookups
{
    /// <summary>How many of a tenant are looked up at once.</summary>
    public const int MaxAtOnce = 8;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _ofTenant = new(StringComparer.Ordinal);

    /// <summary>Looks up one more. Null: enough are.</summary>
    public Holder? TryEnter(string tenant)
    {
        lock (_lock)
        {
            var count = _ofTenant.GetValueOrDefault(tenant);
            if (count == MaxAtOnce)
            {
                return null;
            }

            _ofTenant[tenant] = count + 1;
            return new Holder(this, tenant);
        }
    }

    private void Leave(string tenant)
    {
        lock (_lock)
        {
            if (--_ofTenant[tenant] == 0)
            {
                _ofTenant.Remove(tenant);
            }
        }
    }

    /// <summary>One that is looked up.</summary>
    internal sealed class Holder(Lookups owner, string tenant) : IDisposable
    {
        /// <inheritdoc/>
        public void Dispose() => owner.Leave(tenant);
    }
}
