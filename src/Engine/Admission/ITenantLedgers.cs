namespace GenAI.Chats.Engine.Admission;

/// <summary>The way to the one ledger of each tenant.</summary>
internal interface ITenantLedgers
{
    /// <summary>Claims at a tenant's ledger. Fails when it cannot be reached.</summary>
    Task<TenantGrant> ClaimAsync(string tenant, TenantClaim claim);
}
