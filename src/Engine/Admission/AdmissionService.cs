using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace GenAI.Chats.Engine.Admission;

/// <summary>Keeps admission going: claims, counts that are to be kept, a look at the memory. What was counted is kept once more at the end.</summary>
internal sealed class AdmissionService(TurnAdmission admission, IServiceProvider services) : BackgroundService
{
    // Models can fill the memory within a second.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);
    private const int TicksPerClaim = 8;
    private const int TicksPerShed = 20;

    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(5);

    private Task _shedding = Task.CompletedTask;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await admission.Tokens.KeepAsync();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, admission.Time);
        var ticksSinceShed = TicksPerShed;
        for (var ticks = 1L; await timer.WaitForNextTickAsync(stoppingToken); ticks++, ticksSinceShed++)
        {
            admission.Memory.Look();
            if (admission.Memory.IsHigh && ticksSinceShed >= TicksPerShed && _shedding.IsCompleted)
            {
                ticksSinceShed = 0;
                _shedding = ShedAsync();
            }

            if (ticks % TicksPerClaim == 0)
            {
                await admission.TickAsync();
                await admission.Tokens.KeepAsync();
            }
        }
    }

    // Not awaited: it catches everything itself.
    private async Task ShedAsync()
    {
        try
        {
            await services.GetRequiredService<IIdleChats>().ShedAsync(IdleTime);
        }
        catch (Exception failure)
        {
            AdmissionLog.ShedFailed(admission.Log, failure);
        }
    }
}
