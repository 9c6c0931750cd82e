namespace GenAI.Chats.Engine.Sessions.Creation;

/// <summary>Applies a tenant's limits to when a chat expires.</summary>
internal static class ExpiryRules
{
    /// <summary>Sets the default of settings that have no expiry.</summary>
    /// <param name="settings">The settings of a chat that is created, or that gets another expiry.</param>
    /// <param name="limits">The tenant's limits.</param>
    /// <param name="now">The current time.</param>
    /// <param name="prefix">The prefix of the fields in errors.</param>
    /// <exception cref="ChatException">The chat would expire too late.</exception>
    public static void Apply(ChatSettings settings, TenantLimits limits, DateTimeOffset now, string prefix = "")
    {
        if (settings is { Ttl: null, ExpireTime: null } && (limits.DefaultTtl ?? limits.MaxTtl) is { } ttl)
        {
            settings.Ttl = Duration.FromTimeSpan(ttl < limits.MaxTtl ? ttl : limits.MaxTtl ?? ttl);
        }

        if (limits.MaxTtl is not { } max)
        {
            return;
        }

        if (settings.Ttl is not null && settings.Ttl.ToTimeSpan() > max)
        {
            throw ChatErrors.ExpiresTooLate($"{prefix}ttl", max);
        }

        if (settings.ExpireTime is not null && settings.ExpireTime.ToDateTimeOffset() > now + max)
        {
            throw ChatErrors.ExpiresTooLate($"{prefix}expire_time", max);
        }
    }
}
