namespace GenAI.Chats.Storage.GrainStorage.Tenants;

/// <summary>The tokens that tenants used on a day: a record for each process that counted them, so that processes don't conflict, and a list of these records.</summary>
internal sealed class UsageLedger(RecordStorage records)
{
    private readonly SharedRecord<UsageDays> _days = new(records, RecordName.UsageDays, UsageDays.Parser);
    private readonly ConcurrentDictionary<(int Day, string Owner), SharedRecord<UsageOfDay>> _written = [];

    /// <inheritdoc cref="ITenantUsageStore.KeepUsageAsync" />
    public async Task KeepAsync(UsageStep step)
    {
        var day = (Day: step.Day.DayNumber, step.Owner);
        var isNew = !_written.TryGetValue(day, out var record);
        record ??= new SharedRecord<UsageOfDay>(records, RecordName.Usage(day.Day, day.Owner), UsageOfDay.Parser);
        if (isNew)
        {
            await BeginAsync(day, step.ForgottenBefore.DayNumber).ConfigureAwait(false);
            _written[day] = record;
        }

        await record.UpdateAsync(usage =>
        {
            usage.Format = RecordFormat.Linear;
            foreach (var (tenant, tokens) in step.Tokens)
            {
                usage.Tokens[tenant] = Math.Max(tokens, usage.Tokens.GetValueOrDefault(tenant));
            }

            return true;
        }).ConfigureAwait(false);
    }

    /// <inheritdoc cref="ITenantUsageStore.ReadUsageAsync" />
    public async Task<IReadOnlyDictionary<string, long>> ReadAsync(string tenant, DateOnly day)
    {
        var (days, _) = await _days.ReadAsync().ConfigureAwait(false);
        var owners = days.Days.FirstOrDefault(other => other.Number == day.DayNumber)?.Owners.ToList() ?? [];
        var counts = await RecordStorage.ForEachAsync(owners, async owner =>
        {
            var found = await records.ReadAsync(RecordName.Usage(day.DayNumber, owner)).ConfigureAwait(false);
            return UsageOfDay.Parser.Parse(found.Data).Tokens.TryGetValue(tenant, out var tokens) ? tokens : (long?)null;
        }).ConfigureAwait(false);
        return owners.Zip(counts).Where(count => count.Second is not null).ToDictionary(count => count.First, count => count.Second!.Value, StringComparer.Ordinal);
    }

    // Once a day and process. Clears old records, and then removes them from the list.
    private async Task BeginAsync((int Day, string Owner) day, int forgottenBefore)
    {
        var (days, _) = await _days.ReadAsync().ConfigureAwait(false);
        var old = days.Days.Where(other => other.Number < forgottenBefore).ToList();
        await RecordStorage.ForEachAsync([.. old.SelectMany(other => other.Owners.Select(owner => RecordName.Usage(other.Number, owner)))], async name =>
        {
            await records.ClearAsync(name).ConfigureAwait(false);
            return true;
        }).ConfigureAwait(false);
        await _days.UpdateAsync(all =>
        {
            all.Format = RecordFormat.Linear;
            foreach (var forgotten in all.Days.Where(other => old.Any(one => one.Number == other.Number)).ToList())
            {
                all.Days.Remove(forgotten);
            }

            var today = all.Days.FirstOrDefault(other => other.Number == day.Day);
            if (today is null)
            {
                all.Days.Add(today = new UsageDays.Types.Day { Number = day.Day });
            }

            if (!today.Owners.Contains(day.Owner))
            {
                today.Owners.Add(day.Owner);
            }

            return true;
        }).ConfigureAwait(false);
        foreach (var written in _written.Keys.Where(other => other.Day < forgottenBefore))
        {
            _written.TryRemove(written, out _);
        }
    }
}
