using GenAI.Chats.Client;
using Grpc.Core;
using Grpc.Health.V1;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GenAI.Chats.Aspire.Client;

/// <summary>Asks the service for its health, which needs no credentials.</summary>
internal sealed class ChatsHealthCheck(ChatsClient client) : IHealthCheck
{
    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        try
        {
            var request = new HealthCheckRequest { Service = V1.Chats.Descriptor.FullName };
            var response = await new Health.HealthClient(client.CallInvoker).CheckAsync(request, cancellationToken: cancellationToken).ConfigureAwait(false);
            return response.Status == HealthCheckResponse.Types.ServingStatus.Serving
                ? HealthCheckResult.Healthy()
                : new HealthCheckResult(context.Registration.FailureStatus, $"The service is {response.Status}.");
        }
        catch (RpcException failure)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, "The service can't be reached.", failure);
        }
    }
}
