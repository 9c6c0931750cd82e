namespace GenAI.Chats.Silo.Dashboard;

/// <summary>
/// Where the Orleans Dashboard can be served. It doesn't distinguish tenants, so if callers must authenticate, only this machine can access it.
/// </summary>
internal static class DashboardRule
{
    /// <summary>Checks the rule.</summary>
    /// <param name="options">The cluster's options.</param>
    /// <param name="isAuthenticated">Whether callers must authenticate.</param>
    /// <param name="addressKey">The configuration key of the address of the HTTP port.</param>
    /// <param name="hosts">The hosts or IP addresses that the HTTP port listens on.</param>
    public static ValidateOptionsResult Check(ChatSiloOptions? options, bool isAuthenticated, string addressKey, IEnumerable<string> hosts) =>
        options is { Dashboard: true } && isAuthenticated && hosts.FirstOrDefault(static host => !IsLoopback(host)) is { } open
            ? ValidateOptionsResult.Fail(SettingsCheck.Describe(
                $"{ChatSiloOptions.SectionName}:{nameof(ChatSiloOptions.Dashboard)}",
                "true",
                $"false, because Authentication:Schemes requires authentication, the dashboard shows the activity of all tenants, and {addressKey} ({open}) is not a loopback "
                + "address"))
            : ValidateOptionsResult.Success;

    private static bool IsLoopback(string host) =>
        host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
