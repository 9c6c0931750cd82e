namespace GenAI.Chats.Grains.Quotas;

/// <summary>Renews the leases of tenants' quotas and saves the tokens used. Saves them once more when the server stops.</summary>
internal sealed class QuotaService(TenantQuotas quotas) : BackgroundService
{
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await quotas.Tokens.SaveAsync();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LeaseTable.RenewInterval, quotas.Time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await quotas.RenewAsync();
            await quotas.Tokens.SaveAsync();
        }
    }
}
