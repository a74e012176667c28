import { FLEETS, instance } from './fixtures/fleets.ts';
import { expect, screenshot, test } from './fixtures/test.ts';

// The browser itself reports the attempts to reconnect that fail.
test.use({ tolerated: [/WebSocket/, /ERR_CONNECTION/] });

test('says that it lost the connection, comes back and shows what changed meanwhile', async ({
  fleetPage,
  page,
  center,
}) => {
  await fleetPage.open();
  let refuse = true;
  await page.routeWebSocket(/\/events$/, (socket) => {
    if (refuse) void socket.close();
    else socket.connectToServer();
  });
  center.dropConnections();
  await expect(page.getByText('Connection lost.')).toBeVisible();
  await screenshot(page, 'connection-lost');
  center.setFleet({ ...FLEETS.ready(), instances: [instance(0), instance(1, { name: 'Renamed' })] });
  refuse = false;
  await expect(fleetPage.card('Renamed')).toBeVisible();
  await expect(page.getByText('Connection lost.')).toBeHidden();
});

test('starts over with a new life of the control center', async ({ fleetPage, center }) => {
  await fleetPage.open();
  center.setFleet({ ...FLEETS.ready(), epoch: 'second life', instances: [instance(0, { name: 'Reborn' })] });
  await expect(fleetPage.card('Reborn')).toBeVisible();
});
