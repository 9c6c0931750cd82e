using Microsoft.Extensions.Hosting;

namespace GenAI.Chats.Grains.Admission;

/// <summary>Keeps admission going: claims, counts that are to be kept, a look at the memory. What was counted is kept once more at the end.</summary>
internal sealed class AdmissionService(TurnAdmission admission) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await admission.Tokens.KeepAsync();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, admission.Time);
        for (var ticks = 1L; await timer.WaitForNextTickAsync(stoppingToken); ticks++)
        {
            admission.Memory.Look();
            if (ticks % 2 == 0)
            {
                await admission.TickAsync();
                await admission.Tokens.KeepAsync();
            }
        }
    }
}
