namespace Orleans.Runtime;

internal sealed class ManagementGrain(SiloRuntime silo) : Grain, IManagementGrain
{
    public Task<Dictionary<SiloAddress, SiloStatus>> GetHosts(bool onlyActive = false) =>
        Task.FromResult(silo.GetApproximateSiloStatuses(onlyActive));

    public Task ForceActivationCollection(TimeSpan ageLimit) => silo.Catalog.CollectAsync(ageLimit);

    public Task ForceActivationCollection(SiloAddress[] hostsIds, TimeSpan ageLimit) =>
        hostsIds.Contains(silo.Address) ? ForceActivationCollection(ageLimit) : Task.CompletedTask;

    public Task<int> GetTotalActivationCount() => Task.FromResult(silo.Catalog.Count);
}
